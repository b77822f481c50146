import Foundation
import StreamCore
import Testing

@Suite("JSONValue and JSONObject")
struct JSONValueTests {
    static let sample: JSONValue = [
        "type": "object", "count": 3, "ratio": 0.5, "whole": 1.0, "none": .null, "yes": true, "list": [1, "two", []],
        "empty": [:],
    ]

    @Test("is written compactly, in the order of its keys")
    func writes() {
        let text =
            #"{"type":"object","count":3,"ratio":0.5,"whole":1.0,"none":null,"yes":true,"#
            + #""list":[1,"two",[]],"empty":{}}"#
        #expect(Self.sample.jsonString == text)
        #expect("\(Self.sample)" == text)
        #expect(Self.sample.objectValue?.jsonString == text)
    }

    @Test(
        "escapes what RFC 8259 says and never breaks the line",
        arguments: [
            ("a\"b\\c/", #""a\"b\\c/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
            ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
            ("naïve 😀 \u{2028}", "\"naïve 😀 \u{2028}\""), ("01234567\n", #""01234567\n""#), ("", #""""#),
            ("éééééééé\"é", "\"éééééééé\\\"é\""), ("\r\n", #""\r\n""#),
        ])
    func escapes(text: String, json: String) {
        #expect(JSONValue.string(text).jsonString.utf8.elementsEqual(json.utf8))
    }

    @Test(
        "writes numbers so that they read back as the same",
        arguments: [
            (JSONValue.integer(.min), "-9223372036854775808"), (.integer(.max), "9223372036854775807"), (0, "0"),
            (-10, "-10"), (.number(1), "1.0"), (.number(-0.0), "-0.0"), (.number(1e21), "1e+21"),
            (.number(.leastNonzeroMagnitude), "5e-324"), (.number(0.1 + 0.2), "0.30000000000000004"),
            (.number(.infinity), "null"),
            (.number(-.infinity), "null"), (.number(.nan), "null"),
        ])
    func writesNumbers(value: JSONValue, text: String) {
        #expect(value.jsonString == text)
    }

    @Test("is read through typed properties")
    func access() {
        #expect(Self.sample["count"]?.intValue == 3)
        #expect(Self.sample["count"]?.doubleValue == 3)
        #expect(Self.sample["whole"]?.intValue == 1)
        #expect(Self.sample["ratio"]?.intValue == nil)
        #expect(Self.sample["yes"]?.boolValue == true)
        #expect(Self.sample["none"]?.isNull == true)
        #expect(Self.sample["list"]?[1]?.stringValue == "two")
        #expect(Self.sample["list"]?[3] == nil)
        #expect(Self.sample["list"]?[-1] == nil)
        #expect(Self.sample["list"]?.arrayValue?.count == 3)
        #expect(Self.sample["absent"] == nil)
        #expect(JSONValue.null["key"] == nil)
        #expect(JSONValue.number(1e300).intValue == nil)
        #expect(JSONValue.number(.nan).intValue == nil)
        #expect(JSONValue.integer(1) != JSONValue.number(1))
    }

    @Test("goes through Codable unchanged")
    func codes() throws {
        let data = try JSONEncoder().encode(Self.sample)
        let back = try JSONDecoder().decode(JSONValue.self, from: data)
        #expect(back["list"] == Self.sample["list"])
        #expect(back["none"] == .null)
        #expect(back["yes"] == true)
        #expect(back["ratio"] == 0.5)
        #expect(back["whole"]?.doubleValue == 1)
        #expect(back.objectValue?.count == 8)
        let object = try JSONDecoder().decode(JSONObject.self, from: Data(#"{"a":{"b":[null]}}"#.utf8))
        #expect(object == ["a": ["b": [.null]]])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(JSONObject.self, from: Data("[1]".utf8)) }
    }

    @Test("keeps the order of keys; of a repeated key the last value counts", arguments: [3, 8, 9, 40])
    func orders(count: Int) {
        var object = JSONObject()
        for index in 0..<count { object["key\(index)"] = .integer(Int64(index)) }
        object["key1"] = "again"
        #expect(object.keys == (0..<count).map { "key\($0)" })
        #expect(object["key1"] == "again")
        #expect(object["key\(count - 1)"] == .integer(Int64(count - 1)))
        object["key0"] = nil
        #expect(object["key0"] == nil)
        #expect(object.keys.first == "key1")
        #expect(object["key\(count - 1)"] == .integer(Int64(count - 1)))
        object["absent"] = nil
        #expect(object.count == count - 1)
        #expect(object.values.count == count - 1)
    }

    @Test("is equal in any order of keys, and hashes so", arguments: [2, 30])
    func equality(count: Int) {
        let pairs = (0..<count).map { ("k\($0)", JSONValue.integer(Int64($0))) }
        let forward = JSONObject(pairs)
        let backward = JSONObject(pairs.reversed())
        #expect(forward == backward)
        #expect(forward.hashValue == backward.hashValue)
        #expect(JSONValue.object(forward) == .object(backward))
        var other = backward
        other["k0"] = "other"
        #expect(forward != other)
    }

    @Test("tells keys apart by code units, not by Unicode equivalence", arguments: [0, 20])
    func keysByCodeUnits(padding: Int) {
        var object = JSONObject((0..<padding).map { ("p\($0)", .null) })
        object["\u{e9}"] = 1
        object["e\u{301}"] = 2
        #expect(object.count == padding + 2)
        #expect(object["\u{e9}"] == 1)
        #expect(object["e\u{301}"] == 2)
    }
}
