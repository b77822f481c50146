/// An open array or object of a ``PartialJSON``.
struct PartialJSONFrame: Sendable {
    let isObject: Bool
    /// The key of the member that is being read.
    var key = ""
    private var array: [JSONValue] = []
    private var object = JSONObject()
    /// Where the open value is in the container, once it is there.
    private var place: Int?

    init(isObject: Bool) {
        self.isObject = isObject
    }

    /// Puts the open value in, at its place.
    mutating func put(_ value: JSONValue) {
        if let place {
            if isObject { object[place: place] = value } else { array[place] = value }
        } else if isObject {
            place = object.set(value, for: key)
        } else {
            place = array.count
            array.append(value)
        }
    }

    /// Puts a value in that is complete; the next one has a place of its own.
    mutating func putComplete(_ value: JSONValue) {
        put(value)
        place = nil
    }

    /// Takes the open value out, leaving its place; nil when it has none yet.
    mutating func takeOpen() -> JSONValue? {
        guard let place else { return nil }
        var taken = JSONValue.null
        if isObject { swap(&object[place: place], &taken) } else { swap(&array[place], &taken) }
        return taken
    }

    /// Takes the container out.
    mutating func takeContainer() -> JSONValue {
        defer { (array, object) = ([], JSONObject()) }
        return isObject ? .object(object) : .array(array)
    }

    /// Puts the container back.
    mutating func restore(_ container: JSONValue) {
        switch container {
        case .array(let array): self.array = array
        case .object(let object): self.object = object
        default: break
        }
    }
}
