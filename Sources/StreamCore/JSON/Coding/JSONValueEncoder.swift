/// What a value and the values within it are written to, put together when all of them are there.
private final class JSONBox {
    enum Content {
        case value(JSONValue)
        case object([(key: String, box: JSONBox)])
        case array([JSONBox])
    }

    var content: Content?

    var json: JSONValue {
        switch content {
        case .value(let value): value
        case .object(let members): .object(JSONObject(members.map { ($0.key, $0.box.json) }))
        case .array(let boxes): .array(boxes.map(\.json))
        // A type that encodes nothing at all, as `JSONEncoder` has it.
        case nil: [:]
        }
    }

    func member(_ key: String) -> JSONBox {
        let box = JSONBox()
        if case .object(var members) = content {
            content = nil
            members.append((key, box))
            content = .object(members)
        }
        return box
    }

    func element() -> JSONBox {
        let box = JSONBox()
        if case .array(var boxes) = content {
            content = nil
            boxes.append(box)
            content = .array(boxes)
        }
        return box
    }

    var elementCount: Int {
        if case .array(let boxes) = content { boxes.count } else { 0 }
    }

    func begin(_ new: Content) {
        // A second container of the same kind goes on where the first one stands.
        switch (content, new) {
        case (.object, .object), (.array, .array): break
        default: content = new
        }
    }
}

/// Makes JSON values of Swift values.
struct JSONValueEncoder: Encoder {
    private let box: JSONBox
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    private init(_ box: JSONBox, path: [any CodingKey]) {
        self.box = box
        codingPath = path
    }

    static func encode(_ value: some Encodable, path: [any CodingKey]) throws -> JSONValue {
        if let value = value as? JSONValue { return value }
        let box = JSONBox()
        try write(value, to: box, path: path)
        return box.json
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        box.begin(.object([]))
        return KeyedEncodingContainer(Keyed<Key>(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        box.begin(.array([]))
        return Unkeyed(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    private static func write(_ value: some Encodable, to box: JSONBox, path: [any CodingKey]) throws {
        switch value {
        case let value as JSONValue: box.content = .value(value)
        case let value as JSONObject: box.content = .value(.object(value))
        case let value as String: box.content = .value(.string(value))
        case let value as Bool: box.content = .value(.bool(value))
        case let value as Double: box.content = .value(try number(value, path: path))
        case let value as Float: box.content = .value(try number(Double(value), path: path))
        case let value as any FixedWidthInteger: box.content = .value(try integer(value, path: path))
        default: try value.encode(to: JSONValueEncoder(box, path: path))
        }
    }

    private static func number(_ value: Double, path: [any CodingKey]) throws -> JSONValue {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: path, debugDescription: "\(value) has no JSON form"))
        }
        return .number(value)
    }

    private static func integer(_ value: some FixedWidthInteger, path: [any CodingKey]) throws -> JSONValue {
        guard let integer = Int64(exactly: value) else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: path, debugDescription: "\(value) is beyond 64 bits: encode it as a string"))
        }
        return .integer(integer)
    }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() throws { box.content = .value(.null) }
    func encode(_ value: some Encodable) throws { try Self.write(value, to: box, path: codingPath) }
}

extension JSONValueEncoder {
    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let box: JSONBox
        let codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) throws { box.member(key.stringValue).content = .value(.null) }

        func encode(_ value: some Encodable, forKey key: Key) throws {
            try JSONValueEncoder.write(value, to: box.member(key.stringValue), path: codingPath + [key])
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            nested(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
        func superEncoder() -> any Encoder { nested(JSONCodingKey.super) }
        func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

        private func nested(_ key: some CodingKey) -> JSONValueEncoder {
            JSONValueEncoder(box.member(key.stringValue), path: codingPath + [key])
        }
    }

    private struct Unkeyed: UnkeyedEncodingContainer {
        let box: JSONBox
        let codingPath: [any CodingKey]

        var count: Int { box.elementCount }

        func encodeNil() throws { box.element().content = .value(.null) }

        func encode(_ value: some Encodable) throws {
            let path = codingPath + [JSONCodingKey(intValue: count)]
            try JSONValueEncoder.write(value, to: box.element(), path: path)
        }

        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
            nested().container(keyedBy: type)
        }

        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
        func superEncoder() -> any Encoder { nested() }

        private func nested() -> JSONValueEncoder {
            let path = codingPath + [JSONCodingKey(intValue: count)]
            return JSONValueEncoder(box.element(), path: path)
        }
    }
}
