extension JSONValue {
    /// Parses a JSON text, which must be UTF-8 and hold one value.
    ///
    /// Throws a ``JSONError`` that says what is wrong and at which byte.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default) throws(JSONError) {
        var reader = JSONReader(limits: limits)
        self = try reader.read(bytes) { JSONValue($0) }
    }

    /// Parses a JSON text, which must be UTF-8 and hold one value.
    ///
    /// Throws a ``JSONError`` that says what is wrong and at which byte.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        var reader = JSONReader(limits: limits)
        self = try reader.read(bytes) { JSONValue($0) }
    }

    /// Parses a JSON text, which must hold one value.
    ///
    /// Throws a ``JSONError`` that says what is wrong and at which byte of the text's UTF-8.
    public init(parsing text: String, limits: JSONLimits = .default) throws(JSONError) {
        var reader = JSONReader(limits: limits)
        self = try reader.read(text) { JSONValue($0) }
    }

    /// Copies a value out of a parsed text.
    ///
    /// Half a surrogate pair in a string becomes U+FFFD.
    public init(_ node: JSONNode) {
        // Recursion is bounded: no text is nested deeper than JSONLimits.deepest.
        switch node.entry.kind {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .integer: self = JSONValue(integer: node.rawBytes)
        case .number: self = .number(JSONNumber.double(node.rawBytes))
        case .string, .escapedString: self = .string(node.string ?? "")
        case .array: self = .array(node.elements.map { JSONValue($0) })
        case .object:
            self = .object(JSONObject(node.members.lazy.map { ($0.key.string ?? "", JSONValue($0.value)) }))
        }
    }

    /// The number without fraction and exponent that `text` is.
    init(integer text: UnsafeRawBufferPointer) {
        self = JSONNumber.integer(text).map { .integer($0) } ?? .number(JSONNumber.double(text))
    }
}
