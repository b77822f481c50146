import StreamCore
import Testing

@Suite("PartialJSON")
struct PartialJSONTests {
    @Test(
        "shows what is known so far",
        arguments: [
            ("", nil), (" ", nil), ("{", [:]), (#"{"a"#, [:]), (#"{"a""#, [:]), (#"{"a":"#, [:]), (#"{"a":1"#, [:]),
            (#"{"a":1,"#, ["a": 1]), (#"{"a":""#, ["a": ""]), (#"{"a":"x"#, ["a": "x"]), (#"{"a":tru"#, [:]),
            (#"{"a":true"#, ["a": true]), (#"{"a":[{"b":"c"#, ["a": [["b": "c"]]]), ("[1,2", [1]), ("[1 ", [1]),
            ("[-", []), ("[1,[", [1, []]), ("12", nil), ("12 ", 12), ("nul", nil), ("null", .null),
            (#""a\"#, "a"), (#""a\u00e"#, "a"), (#""a\u00e9"#, "aé"), (#""\ud83d"#, ""), (#""\ud83d\ude00"#, "😀"),
            (#""\ud83dx"#, "\u{FFFD}x"), (#""\ud83d""#, "\u{FFFD}"), (#"{"a":1,"a":""#, ["a": ""]),
            (#"{"a":1,"a":2"#, ["a": 1]), (#"{"a":{},"b":[],"c":{"d":[]}}"#, ["a": [:], "b": [], "c": ["d": []]]),
        ] as [(String, JSONValue?)])
    func snapshots(text: String, expected: JSONValue?) throws {
        for size in [1, 2, 3, 1000] {
            var parser = PartialJSON()
            for piece in Self.pieces(of: Array(text.utf8), by: size) { try Self.feed(piece, to: &parser) }
            #expect(parser.value == expected, "in pieces of \(size)")
        }
    }

    @Test("ends as the complete parse does, in value and in error", arguments: [1, 2, 5, 1000])
    func agrees(size: Int) {
        let texts =
            JSONConformanceTests.valid.map { Array($0.utf8) } + JSONConformanceTests.refused.map { Array($0.0.utf8) }
            + JSONConformanceTests.invalidUTF8.map { Array("[\"x".utf8) + $0 + Array("\"]".utf8) }
        for text in texts {
            let expected = Result { () throws(JSONError) in try JSONValue(parsing: text) }
            var parser = PartialJSON()
            let result = Result { () throws(JSONError) in
                for piece in Self.pieces(of: text, by: size) { try Self.feed(piece, to: &parser) }
                return try parser.finish()
            }
            #expect(result == expected, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test("every snapshot is a prefix of the final value", arguments: 0..<40)
    func prefixes(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let final = JSONValue.random(depth: 3, using: &random)
        let text = Array(final.jsonString.utf8)
        var parser = PartialJSON()
        var kept: [JSONValue] = []
        var position = 0
        while position < text.count {
            let size = Int.random(in: 1...7, using: &random)
            try Self.feed(text[position..<min(text.count, position + size)], to: &parser)
            position += size
            if let value = parser.value {
                #expect(value.isPrefix(of: final))
                // A snapshot that somebody keeps must not change under him.
                #expect(kept.allSatisfy { $0.isPrefix(of: value) })
                if kept.count < 5, Int.random(in: 0..<10, using: &random) == 0 { kept.append(value) }
            }
        }
        #expect(try parser.finish() == final)
        #expect(parser.isComplete)
        #expect(throws: JSONError(.trailingData, at: text.count + 1)) { try parser.append(" x") }
    }

    @Test("stays where it was after an error")
    func poisoned() {
        var parser = PartialJSON()
        #expect(throws: JSONError(.unexpectedByte, at: 9)) { try parser.append(#"{"a":"b" ]"#) }
        #expect(parser.value == ["a": "b"])
        #expect(throws: JSONError(.unexpectedByte, at: 9)) { try parser.append("}") }
        #expect(throws: JSONError(.unexpectedByte, at: 9)) { try parser.finish() }
        #expect(parser.value == ["a": "b"])
    }

    @Test("bounds depth and size over all pieces")
    func bounds() {
        var deep = PartialJSON(limits: JSONLimits(maxDepth: 2))
        #expect(throws: Never.self) { try deep.append("[[") }
        #expect(throws: JSONError(.tooDeep, at: 2)) { try deep.append("[") }
        var large = PartialJSON(limits: JSONLimits(maxBytes: 10))
        #expect(throws: Never.self) { try large.append("\"12345678") }
        #expect(throws: JSONError(.tooLarge, at: 10)) { try large.append("90") }
        #expect(large.value == "12345678")
    }

    static func pieces(of text: [UInt8], by size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: text.count, by: size).map { text[$0..<min(text.count, $0 + size)] }
    }

    static func feed(_ piece: ArraySlice<UInt8>, to parser: inout PartialJSON) throws(JSONError) {
        try piece.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try parser.append(UnsafeRawBufferPointer(bytes))
        }
    }
}

extension JSONValue {
    static func random(depth: Int, using random: inout some RandomNumberGenerator) -> JSONValue {
        switch Int.random(in: depth > 0 ? 0...9 : 4...9, using: &random) {
        case 0, 1:
            return .array(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
        case 2, 3:
            let count = Int.random(in: 0...10, using: &random)
            return .object(JSONObject((0..<count).map { ("k\($0)\"é", .random(depth: depth - 1, using: &random)) }))
        case 4: return .bool(Bool.random(using: &random))
        case 5: return .null
        case 6: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 7: return .number(Double.random(in: -1e9...1e9, using: &random))
        default:
            let scalars: [Unicode.Scalar] = ["a", "b", " ", "\"", "\\", "\n", "\u{1}", "é", "€", "😀", "\u{301}", "z"]
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                text.append(scalars.randomElement(using: &random) ?? "a")
            }
            return .string(String(text))
        }
    }

    func isPrefix(of other: JSONValue) -> Bool {
        switch (self, other) {
        case (.string(let one), .string(let other)): return other.utf8.starts(with: one.utf8)
        case (.array(let one), .array(let other)):
            return one.count <= other.count && zip(one, other).allSatisfy { $0.isPrefix(of: $1) }
                && zip(one.dropLast(), other).allSatisfy { $0 == $1 }
        case (.object(let one), .object(let other)):
            return one.count <= other.count
                && zip(one, other).allSatisfy { $0.key == $1.key && $0.value.isPrefix(of: $1.value) }
                && zip(one.dropLast(), other).allSatisfy { $0.value == $1.value }
        default: return self == other
        }
    }
}
