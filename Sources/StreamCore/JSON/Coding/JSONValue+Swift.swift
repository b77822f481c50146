extension JSONValue {
    /// The value as a Swift type.
    ///
    /// Numbers must fit: `300` is no `UInt8` and `1.5` no `Int`. A member that is missing and one that is `null` are both nil to an optional.
    ///
    /// - Throws: `DecodingError` with the path to what does not fit, and whatever the type's own `init(from:)` throws.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONValueDecoder(self, path: []).decode(type)
    }

    /// The JSON form of a Swift value; members in the order in which the type encodes them.
    ///
    /// - Throws: `EncodingError` for a number that is not finite or beyond 64 bits, and whatever the type's own `encode(to:)` throws.
    public init(encoding value: some Encodable) throws {
        self = try JSONValueEncoder.encode(value, path: [])
    }
}

/// A coding key of any text or number.
struct JSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }

    /// The key under which a class keeps its superclass's members.
    static let `super` = JSONCodingKey(stringValue: "super")
}
