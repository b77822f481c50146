/// The header fields of an HTTP message: ordered, with case-insensitive names and as many values per name as there are.
///
/// Order and spelling stay as given; two collections are equal when they hold the same fields in the same order, names
/// compared without case. A field that could break out of its line is refused (see ``HeaderField``). What this type
/// prints never holds a credential: the values of the fields that ``HeaderField/isSensitive`` names are left out.
public struct HeaderFields: Sendable, Hashable {
    private var fields: [HeaderField]

    /// No fields.
    public init() {
        fields = []
    }

    /// The given fields, in order.
    public init(_ fields: [HeaderField]) {
        self.fields = fields
    }

    /// The fields made of names and values, in order; a name may occur more than once.
    ///
    /// - Throws: ``HeaderFieldError`` for the first name or value that HTTP does not allow.
    public init(_ pairs: [(String, String)]) throws(HeaderFieldError) {
        fields = []
        fields.reserveCapacity(pairs.count)
        for (name, value) in pairs { try append(name, value) }
    }

    /// The first value of the fields named `name`, or nil when there is none.
    public subscript(name: String) -> String? {
        fields.first { $0.isNamed(name) }?.value
    }

    /// All values of the fields named `name`, in order.
    public func values(of name: String) -> [String] {
        fields.compactMap { $0.isNamed(name) ? $0.value : nil }
    }

    /// Whether a field is named `name`.
    public func contains(name: String) -> Bool {
        fields.contains { $0.isNamed(name) }
    }

    /// Adds a field at the end, beside those of the same name.
    ///
    /// - Throws: ``HeaderFieldError`` when HTTP does not allow the name or the value.
    public mutating func append(_ name: String, _ value: String) throws(HeaderFieldError) {
        fields.append(try HeaderField(name, value))
    }

    /// Adds a field at the end, beside those of the same name.
    public mutating func append(_ field: HeaderField) {
        fields.append(field)
    }

    /// Replaces all fields named `name` by one, which stands where the first of them stood, else at the end.
    ///
    /// - Throws: ``HeaderFieldError`` when HTTP does not allow the name or the value; nothing is changed then.
    public mutating func set(_ name: String, _ value: String) throws(HeaderFieldError) {
        let field = try HeaderField(name, value)
        guard let position = fields.firstIndex(where: { $0.isNamed(name) }) else {
            fields.append(field)
            return
        }
        fields[position] = field
        let rest = fields[(position + 1)...].filter { !$0.isNamed(name) }
        fields.replaceSubrange((position + 1)..., with: rest)
    }

    /// Takes all fields named `name` out.
    public mutating func remove(_ name: String) {
        fields.removeAll { $0.isNamed(name) }
    }
}

extension HeaderFields: RandomAccessCollection {
    /// The position of the first field.
    public var startIndex: Int { fields.startIndex }
    /// The position after the last field.
    public var endIndex: Int { fields.endIndex }
    /// The field at `position`.
    public subscript(position: Int) -> HeaderField { fields[position] }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    /// Fields written in source; one that HTTP does not allow is a programmer's error and traps.
    ///
    /// Use ``set(_:_:)`` for values that come from elsewhere.
    public init(dictionaryLiteral elements: (String, String)...) {
        do throws(HeaderFieldError) {
            try self.init(elements)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

extension HeaderFields: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// One `name: value` a line, without the values of sensitive fields.
    public var description: String { fields.map(\.description).joined(separator: "\n") }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The fields as they are printed, so that `dump` shows no credential either.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: fields, displayStyle: .collection) }
}
