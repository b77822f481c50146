import StreamCore
import Testing

@Suite("JSONReader and JSONNode")
struct JSONReaderTests {
    static let delta = """
        {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" the"}}
        """

    @Test("finds members without copying")
    func looksUp() throws {
        var reader = JSONReader()
        for _ in 0..<3 {
            try reader.read(Self.delta) { root in
                #expect(root["type"]?.isString("content_block_delta") == true)
                #expect(root["type"]?.isString("content_block_stop") == false)
                #expect(root["index"]?.int == 0)
                #expect(root["delta"]?["text"]?.string == " the")
                #expect(root["delta"]?["type"]?.string == "text_delta")
                #expect(root["delta"]?["absent"] == nil)
                #expect(root["text"] == nil)
                #expect(root["type"]?["text"] == nil)
                #expect(root[0] == nil)
                let key = "delta"
                #expect(root.member(key)?.kind == .object)
                #expect(
                    root["delta"].map { String(decoding: $0.rawBytes, as: UTF8.self) }
                        == #"{"type":"text_delta","text":" the"}"#)
            }
        }
    }

    @Test("reads every kind of value")
    func kinds() throws {
        let text = #"[null,true,false,-7,2.5e1,"x\ny",[1,[2],3],{"a":1}, 3.0, 1e30, 123456789012345678901]"#
        var reader = JSONReader()
        try reader.read(text) { root in
            #expect(
                root.elements.map(\.kind) == [
                    .null, .bool, .bool, .integer, .number, .string, .array, .object, .number, .number, .integer,
                ])
            #expect(root[0]?.isNull == true)
            #expect(root[1]?.bool == true)
            #expect(root[2]?.bool == false)
            #expect(root[3]?.int == -7)
            #expect(root[3]?.double == -7)
            #expect(root[4]?.double == 25)
            #expect(root[4]?.int == 25)
            #expect(root[5]?.string == "x\ny")
            #expect(root[5]?.isString("x\ny") == true)
            #expect(root[6]?[1]?[0]?.int == 2)
            #expect(root[6]?[3] == nil)
            #expect(root[6]?[-1] == nil)
            #expect(root[7]?["a"]?.int == 1)
            #expect(root[8]?.int == 3)
            #expect(root[9]?.int == nil)
            #expect(root[10]?.int == nil)
            #expect(root[10]?.double == 123456789012345683968)
            #expect(root[11] == nil)
            #expect(root[0]?.int == nil && root[0]?.double == nil && root[0]?.string == nil && root[0]?.bool == nil)
            #expect(root[0]?.elements.map(\.kind).isEmpty == true)
            #expect(root[0]?.members.map(\.key.kind).isEmpty == true)
        }
    }

    @Test("of a repeated key the last value counts; keys are compared decoded")
    func keys() throws {
        var reader = JSONReader()
        let text = #"{"a":1,"\u0061":2,"b":{"a":[9]},"\u00e9":3,"":4,"a\"":5}"#
        try reader.read(text) { root in
            #expect(root["a"]?.int == 2)
            #expect(root["é"]?.int == 3)
            #expect(root[""]?.int == 4)
            #expect(root["a\""]?.int == 5)
            #expect(root.members.map { $0.key.string ?? "" } == ["a", "a", "b", "é", "", "a\""])
            #expect(JSONValue(root) == ["a": 2, "b": ["a": [9]], "é": 3, "": 4, "a\"": 5])
        }
    }

    @Test("is of use after an error, and grows with its texts")
    func reuse() throws {
        var reader = JSONReader()
        for count in [1, 31, 32, 33, 63, 64, 65, 1000, 100_000, 3] {
            #expect(throws: JSONError.self) { try reader.read("[1,") { _ in } }
            let text = "[" + Array(repeating: "{\"k\":[0]}", count: count).joined(separator: ",") + "]"
            try reader.read(text) { root in
                #expect(root.elements.allSatisfy { $0["k"]?[0]?.int == 0 })
                #expect(root.elements.reduce(0) { sum, _ in sum + 1 } == count)
            }
        }
    }

    @Test("passes the closure's result and error on")
    func results() throws {
        var reader = JSONReader()
        #expect(try reader.read(Array("[5]".utf8)) { $0[0]?.int } == 5)
        #expect(throws: JSONError(.unexpectedByte, at: 99)) {
            try reader.read("[5]") { _ throws(JSONError) in throw JSONError(.unexpectedByte, at: 99) }
        }
    }

    @Test("JSON numbers become the nearest Double", arguments: 0..<20)
    func doubles(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var reader = JSONReader()
        for _ in 0..<2000 {
            let bits = Double(bitPattern: random.next())
            var texts = ["\(Int64.random(in: -1 << 60...1 << 60, using: &random))"]
            if bits.isFinite { texts.append("\(bits)") }
            let digits = UInt64.random(
                in: 0...(10_000_000_000_000_000_000 >> UInt64.random(in: 0...60, using: &random)), using: &random)
            let fraction = UInt32.random(in: 0...999_999, using: &random) >> UInt32.random(in: 0...20, using: &random)
            texts.append("-\(digits).\(fraction)")
            texts.append("\(digits)e\(Int.random(in: -330...280, using: &random))")
            texts.append("0.\(fraction)E+\(Int.random(in: 0...25, using: &random))")
            for text in texts {
                let expected = Double(text)
                #expect(try reader.read(text) { $0.double } == expected, "\(text)")
            }
        }
    }

    @Test(
        "integers of 64 bits are exact",
        arguments: [
            ("9223372036854775807", JSONValue.integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(0x1p63)), ("-9223372036854775809", .number(-0x1p63)),
            ("18446744073709551616", .number(0x1p64)), ("99999999999999999999", .number(1e20)), ("-0", 0),
            ("-0.0", .number(-0.0)),
        ])
    func integers(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test("numbers of a million digits take linear time")
    func longNumbers() throws {
        let text = "0." + String(repeating: "123456789", count: 100_000)
        #expect(try JSONValue(parsing: text).doubleValue == 0.12345678912345678)
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) {
            try JSONValue(parsing: String(repeating: "9", count: 1_000_000))
        }
    }
}
