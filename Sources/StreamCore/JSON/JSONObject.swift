/// The members of a JSON object, in order: schemas read better, and models answer better, in the order they were written.
///
/// Keys are compared code unit by code unit (RFC 8259 §8.3), not by Unicode equivalence. A key occurs once: of a repeated
/// one the last value counts, at the place of the first. Look-up is a scan in small objects and hashed in larger ones,
/// so that hostile input costs no quadratic time. Two objects are equal when they have equal members in any order.
public struct JSONObject: Sendable {
    /// A key and its value.
    public typealias Element = (key: String, value: JSONValue)

    private var members: [Element] = []
    // Where each key is; only kept beyond `scanned` members.
    private var places: [JSONKey: Int]?
    private static let scanned = 8

    /// No members.
    public init() {}

    /// The members in the order given; of a repeated key the last value counts, at the place of the first.
    public init(_ elements: some Sequence<(String, JSONValue)>) {
        members.reserveCapacity(elements.underestimatedCount)
        for (key, value) in elements { _ = set(value, for: key) }
    }

    /// The value of `key`: nil when there is none; setting nil removes the member (in linear time).
    public subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            if let newValue { _ = set(newValue, for: key) } else { remove(key) }
        }
    }

    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// The values in order of their keys.
    public var values: [JSONValue] { members.map(\.value) }

    /// Sets a member and says where it is.
    mutating func set(_ value: JSONValue, for key: String) -> Int {
        if let place = place(of: key) {
            members[place].value = value
            return place
        }
        let place = members.count
        members.append((key, value))
        if places != nil {
            places?[JSONKey(key)] = place
        } else if members.count > JSONObject.scanned {
            indexMembers()
        }
        return place
    }

    /// The value at a place, to change where it is.
    subscript(place place: Int) -> JSONValue {
        get { members[place].value }
        _modify { yield &members[place].value }
    }

    private mutating func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        members.remove(at: place)
        if members.count > JSONObject.scanned { indexMembers() } else { places = nil }
    }

    private mutating func indexMembers() {
        var index: [JSONKey: Int] = [:]
        index.reserveCapacity(members.count * 2)
        for (place, member) in members.enumerated() { index[JSONKey(member.key)] = place }
        places = index
    }

    func place(of key: String) -> Int? {
        if let places { return places[JSONKey(key)] }
        let key = JSONKey(key)
        return members.firstIndex { JSONKey($0.key) == key }
    }
}

/// A key that is equal to another only when their code units are.
private struct JSONKey: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (lhs: JSONKey, rhs: JSONKey) -> Bool {
        // The first test is fast and settles nearly all that differ; it takes equivalent texts for equal.
        lhs.text == rhs.text && lhs.text.utf8.elementsEqual(rhs.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(text.utf8.count)
    }
}

extension JSONObject: RandomAccessCollection {
    /// The place of the first member.
    public var startIndex: Int { 0 }
    /// The place after the last member.
    public var endIndex: Int { members.count }

    /// The member at a place; a place out of bounds is a programming error.
    public subscript(position: Int) -> Element { members[position] }
}

extension JSONObject: Hashable {
    /// Whether both have equal members, in any order.
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        lhs.count == rhs.count && lhs.allSatisfy { rhs[$0.key] == $0.value }
    }

    /// Hashes the members without regard to their order.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var own = Hasher()
            own.combine(JSONKey(member.key))
            own.combine(member.value)
            sum &+= own.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members in the order written; of a repeated key the last value counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
