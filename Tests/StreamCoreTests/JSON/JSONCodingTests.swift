import StreamCore
import Testing

private struct Everything: Codable, Hashable, Sendable {
    enum Kind: String, Codable { case one, two }
    struct Inner: Codable, Hashable { var names: [String] }

    var flag = true
    var small: Int8 = -128
    var large = Int64.max
    var unsigned: UInt16 = 65535
    var half = 0.5
    var single: Float = 1.25
    var text = "ü\n\""
    var kind = Kind.two
    var inner = Inner(names: ["a", "b"])
    var list: [Int?] = [1, nil, 3]
    var table = ["k": 1]
    var absent: String?
    var raw: JSONValue = ["z": 1, "a": [true, .null]]
}

private class Base: Codable {
    var base = 1
}
private final class Derived: Base {
    enum Keys: String, CodingKey { case own }
    var own = 2
    override init() { super.init() }
    required init(from decoder: any Decoder) throws {
        own = try decoder.container(keyedBy: Keys.self).decode(Int.self, forKey: .own)
        try super.init(from: decoder.container(keyedBy: Keys.self).superDecoder())
    }
    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(own, forKey: .own)
        try super.encode(to: container.superEncoder())
    }
}

@Suite("JSON values and Swift values")
struct JSONCodingTests {
    @Test("Every kind of value comes back as it was")
    func roundTrip() throws {
        let value = Everything()
        let json = try JSONValue(encoding: value)
        #expect(json["list"] == [1, .null, 3])
        #expect(json["raw"] == ["z": 1, "a": [true, .null]])
        #expect(json["absent"] == nil)
        #expect(json["large"] == .integer(.max))
        #expect(try json.decoded(as: Everything.self) == value)
        #expect(try JSONValue(parsing: json.jsonString).decoded(as: Everything.self) == value)
    }

    @Test("Values that stand alone, and classes with a superclass")
    func others() throws {
        #expect(try JSONValue(encoding: "a") == "a")
        #expect(try JSONValue(encoding: [1, 2]) == [1, 2])
        #expect(try JSONValue(encoding: Int?.none) == .null)
        #expect(try JSONValue(encoding: JSONObject([("a", 1)])) == ["a": 1])
        #expect(try JSONValue.integer(3).decoded(as: Double.self) == 3)
        #expect(try JSONValue.number(3).decoded(as: Int.self) == 3)
        #expect(try JSONValue.null.decoded(as: Int?.self) == nil)
        let json = try JSONValue(encoding: Derived())
        #expect(json == ["own": 2, "super": ["base": 1]])
        #expect(try json.decoded(as: Derived.self).base == 1)
    }

    @Test("What does not fit is refused, with its path")
    func misfits() throws {
        func path(_ json: JSONValue) -> String {
            do {
                _ = try json.decoded(as: Everything.self)
                return "fits"
            } catch let error as DecodingError {
                switch error {
                case .keyNotFound(let key, _): return "missing \(key.stringValue)"
                case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                    return context.codingPath.map(\.stringValue).joined(separator: ".")
                @unknown default: return "?"
                }
            } catch { return "\(error)" }
        }
        var json = try #require(try JSONValue(encoding: Everything()).objectValue)
        func with(_ key: String, _ value: JSONValue) -> JSONValue {
            var changed = json
            changed[key] = value
            return .object(changed)
        }
        #expect(path(with("small", 128)) == "small")
        #expect(path(with("large", .number(1e19))) == "large")
        #expect(path(with("unsigned", -1)) == "unsigned")
        #expect(path(with("flag", 1)) == "flag")
        #expect(path(with("text", .null)) == "text")
        #expect(path(with("inner", ["names": ["a", 1]])) == "inner.names.1")
        #expect(path(with("kind", "three")) == "kind")
        json["half"] = nil
        #expect(path(.object(json)) == "missing half")
        #expect(path([]) == "")
    }

    @Test("What has no JSON form is not encoded")
    func unencodable() {
        #expect(throws: EncodingError.self) { try JSONValue(encoding: Double.nan) }
        #expect(throws: EncodingError.self) { try JSONValue(encoding: [UInt64.max]) }
    }
}
