import Foundation
import StreamCore
import Testing

/// Texts that RFC 8259 allows and refuses, in the kinds that the public parsing corpus (nst/JSONTestSuite) tries.
@Suite("JSON by RFC 8259")
struct JSONConformanceTests {
    static let valid: [String] = [
        "null", "true", "false", "0", "-0", "-1", "42", "1.5", "-1.25", "1e5", "1E5", "1e+5", "1E-5", "0e1", "0e+1",
        "1.5e3", "123456789012345678901234567890", "0.000000000000000000000000000000000000000000000000000000000001",
        "1e-400", "\"\"", "\"a\"", " [] ", "\t\n\r {}\n", "[]", "[[]]", "[[],[[]]]", "{}", #"{"a":1}"#,
        #"{"a":1,"a":2}"#, #"{"":0}"#, #"{"a":[{"b":{}}]}"#, "[1,2,3]", "[ 1 , 2 ]", "[null,1,\"1\",{}]", #""\u0000""#,
        #""\"\\\/\b\f\n\r\t""#, #""\u00e9\u20AC""#, #""\ud83d\ude00""#, #""\\u0000""#, #""\\n""#, #"["\"a"]"#,
        "\"\u{7f}\"", "\"é€😀\u{10FFFF}\u{FFFE}\u{2028}\"", #""\uD834\uDd1e""#, #"{"a\u0000b":0}"#,
        "\"0123456789abcdef\"", "[\n\n0\n]", #"{"min":-1.0e+28,"max":1.0e+28}"#, "[1,\n1\n,1]", "[20e1]",
        "-9223372036854775808", "9223372036854775808", "[\"\u{FEFF}\"]",
    ]

    static let refused: [(String, JSONError.Code, Int)] = [
        ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3),
        ("True", .unexpectedByte, 0), ("truer", .trailingData, 4), ("NaN", .unexpectedByte, 0),
        ("Infinity", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 1), ("+1", .unexpectedByte, 0),
        ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2), ("-", .unexpectedEnd, 1), ("--1", .invalidNumber, 1),
        ("1.", .unexpectedEnd, 2), ("1.e1", .invalidNumber, 2), (".5", .unexpectedByte, 0), ("1e", .unexpectedEnd, 2),
        ("1e+", .unexpectedEnd, 3), ("1e+]", .invalidNumber, 3), ("1eE2", .invalidNumber, 2), ("0x1", .trailingData, 1),
        ("1 000", .trailingData, 2), ("1e400", .numberOutOfRange, 0), ("[-1e999]", .numberOutOfRange, 1),
        ("[1,2", .unexpectedEnd, 4), ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1),
        ("[1,,2]", .unexpectedByte, 3), ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2),
        ("[", .unexpectedEnd, 1), ("]", .unexpectedByte, 0), ("[]]", .trailingData, 2), ("[1:2]", .unexpectedByte, 2),
        ("{", .unexpectedEnd, 1), ("}", .unexpectedByte, 0), ("{]", .unexpectedByte, 1), ("{1:1}", .unexpectedByte, 1),
        ("{a:1}", .unexpectedByte, 1), ("{'a':1}", .unexpectedByte, 1), (#"{"a"}"#, .unexpectedByte, 4),
        (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a":}"#, .unexpectedByte, 5), (#"{"a"::1}"#, .unexpectedByte, 5),
        (#"{"a":1,}"#, .unexpectedByte, 7), (#"{"a":1,,"b":2}"#, .unexpectedByte, 7),
        (#"{"a":1 "b":2}"#, .unexpectedByte, 7), (#"{"a":1]"#, .unexpectedByte, 6), (#"{"a":1"#, .unexpectedEnd, 6),
        (#"{"a":"#, .unexpectedEnd, 5), (#"{"a""#, .unexpectedEnd, 4), (#"{"a"#, .unexpectedEnd, 3),
        (#"{"a":1}x"#, .trailingData, 7), (#"{"a":1}/**/"#, .trailingData, 7), (#"{"a":1}#"#, .trailingData, 7),
        ("[1]//", .trailingData, 3), (#"""#, .unexpectedEnd, 1), (#""abc"#, .unexpectedEnd, 4),
        ("'a'", .unexpectedByte, 0),
        (#""\"#, .unexpectedEnd, 2), (#""\x""#, .invalidEscape, 1), (#""\a""#, .invalidEscape, 1),
        (#""\u""#, .invalidEscape, 1), (#""\u12"#, .unexpectedEnd, 5), (#""\u12g4""#, .invalidEscape, 1),
        (#""\U0041""#, .invalidEscape, 1), ("\"\\\u{0}\"", .invalidEscape, 1), ("\"\\é\"", .invalidEscape, 1),
        ("\"\n\"", .controlCharacter, 1), ("\"12345678\t\"", .controlCharacter, 9), ("\"\u{0}\"", .controlCharacter, 1),
        ("[\u{0C}]", .unexpectedByte, 1), ("[\u{A0}]", .unexpectedByte, 1), ("\u{FEFF}[]", .unexpectedByte, 0),
        ("é", .unexpectedByte, 0), ("\u{0}", .unexpectedByte, 0), ("1\u{0}", .trailingData, 1),
        ("<a>", .unexpectedByte, 0),
        ("*", .unexpectedByte, 0), ("abc", .unexpectedByte, 0), (#"{"a":"b"}}"#, .trailingData, 9),
        (#"["a",\n]"#, .unexpectedByte, 5), ("[\"\"", .unexpectedEnd, 3), ("[１]", .unexpectedByte, 1),
    ]

    @Test("takes what is allowed", arguments: valid)
    func accepts(text: String) throws {
        let value = try JSONValue(parsing: text)
        // What is written reads back as the same.
        #expect(try JSONValue(parsing: value.jsonString) == value)
    }

    @Test("refuses what is not, with code and offset", arguments: refused)
    func refuses(text: String, code: JSONError.Code, offset: Int) {
        #expect(throws: JSONError(code, at: offset)) { try JSONValue(parsing: text) }
    }

    static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0x80], [0xC3, 0x28], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x28, 0x80], [0xF0, 0x9F, 0x98, 0x28], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE9],
    ]

    @Test("refuses what is not UTF-8, wherever it stands", arguments: invalidUTF8, [0, 1, 7, 8, 15])
    func refusesInvalidUTF8(bytes: [UInt8], padding: Int) {
        let text = Array("\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: padding) + bytes + Array("\"".utf8)
        #expect(throws: JSONError(.invalidUTF8, at: padding + 1)) { try JSONValue(parsing: text) }
    }

    @Test("calls a text that is cut within a character too short, not malformed")
    func cutWithinCharacter() {
        for cut in 1...3 {
            let text = Array("\"😀".utf8.prefix(1 + cut))
            #expect(throws: JSONError(.unexpectedEnd, at: text.count)) { try JSONValue(parsing: text) }
        }
    }

    @Test("bounds depth and size")
    func bounds() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(128)) }
        #expect(throws: JSONError(.tooDeep, at: 128)) { try JSONValue(parsing: nested(129)) }
        #expect(throws: JSONError(.tooDeep, at: 128)) {
            try JSONValue(parsing: String(repeating: "[", count: 1_000_000))
        }
        #expect(throws: JSONError(.tooDeep, at: 5)) {
            try JSONValue(parsing: #"{"a":{}}"#, limits: JSONLimits(maxDepth: 1))
        }
        #expect(throws: JSONError(.tooDeep, at: 0)) { try JSONValue(parsing: "[]", limits: JSONLimits(maxDepth: -1)) }
        let deepest = try JSONValue(parsing: nested(1024), limits: JSONLimits(maxDepth: .max))
        #expect(deepest.jsonString == nested(1024))
        #expect(throws: JSONError(.tooLarge, at: 3)) { try JSONValue(parsing: "1234", limits: JSONLimits(maxBytes: 3)) }
        #expect(JSONLimits(maxBytes: .max).maxBytes == Int(Int32.max))
    }

    @Test("agrees with the public corpus", .enabled(if: corpus != nil), arguments: corpusFiles)
    func corpusCases(name: String) throws {
        let url = URL(fileURLWithPath: try #require(Self.corpus)).appendingPathComponent(name)
        let bytes = [UInt8](try Data(contentsOf: url))
        let result = Result { try JSONValue(parsing: bytes) }
        switch name.prefix(2) {
        case "y_": #expect(throws: Never.self, "\(name)") { try result.get() }
        case "n_": #expect(throws: JSONError.self, "\(name)") { try result.get() }
        default: break
        }
    }

    /// A checkout's `test_parsing` folder: `JSON_TEST_SUITE=…/JSONTestSuite/test_parsing swift test`.
    static let corpus = ProcessInfo.processInfo.environment["JSON_TEST_SUITE"]

    static var corpusFiles: [String] {
        guard let corpus else { return [] }
        return (try? FileManager.default.contentsOfDirectory(atPath: corpus).sorted()) ?? []
    }
}
