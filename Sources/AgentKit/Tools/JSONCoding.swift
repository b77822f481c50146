import StreamCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Between `Codable` types and ``JSONValue``, for what happens once per call and not once per token.
enum JSONCoding {
    /// What does not fit where, in words that may go to a model.
    struct Mismatch: Error {
        let path: String
        let reason: String
    }

    /// The value as a Swift type.
    static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws(Mismatch) -> Value {
        if let value = value as? Value { return value }
        var bytes: [UInt8] = []
        value.write(into: &bytes)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Mismatch(error)
        } catch {
            // A type's own `init(from:)` may throw anything; its words are not for a model.
            throw Mismatch(path: "", reason: "\(Value.self) cannot be read from it")
        }
    }

    /// A Swift value as JSON.
    static func encode(_ value: some Encodable) throws -> JSONValue {
        switch value {
        case let value as JSONValue: return value
        case let value as JSONObject: return .object(value)
        case let value as String: return .string(value)
        default:
            let encoder = JSONEncoder()
            // A type's members have no order of their own worth keeping; sorted, the same value is the same text.
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try JSONDecoder().decode(JSONValue.self, from: encoder.encode(value))
        }
    }
}

extension JSONCoding.Mismatch {
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(path: Self.text(context.codingPath + [key]), reason: "it is missing")
        case .valueNotFound(let type, let context):
            self.init(path: Self.text(context.codingPath), reason: "\(type) is expected, not null")
        case .typeMismatch(let type, let context):
            self.init(path: Self.text(context.codingPath), reason: "\(type) is expected")
        case .dataCorrupted(let context):
            self.init(path: Self.text(context.codingPath), reason: context.debugDescription)
        @unknown default:
            self.init(path: "", reason: "it cannot be read")
        }
    }

    private static func text(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
    }
}
