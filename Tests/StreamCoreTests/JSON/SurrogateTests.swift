import Foundation
import StreamCore
import Testing

@Suite("Surrogate escapes")
struct SurrogateTests {
    @Test(
        "pair within a string; a lone half becomes U+FFFD",
        arguments: [
            (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00""#, "\u{FFFD}"),
            (#""\ud83dx""#, "\u{FFFD}x"), (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
            (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
            (#""\udbff\udfff""#, "\u{10FFFF}"),
            (#""a\uD800\uDC00z""#, "a\u{10000}z"), (#""\ud83dé""#, "\u{FFFD}é"),
        ])
    func decode(text: String, expected: String) throws {
        #expect(try JSONValue(parsing: text) == .string(expected))
    }

    @Test(
        "pair over two deltas",
        arguments: [
            ([#""\ud83d""#, #""\ude00B""#], ["", "😀B"], ""),
            ([#""A\ud83d""#, #""\ude00""#], ["A", "😀"], ""),
            ([#""\ud83d""#, #""""#, #""\ude00""#], ["", "", "😀"], ""),
            ([#""\ud83d""#, #""B""#], ["", "\u{FFFD}B"], ""),
            ([#""\ud83d""#, #""\n""#], ["", "\u{FFFD}\n"], ""),
            ([#""\ud83d""#, #""\ud83d""#, #""\ude00""#], ["", "\u{FFFD}", "😀"], ""),
            ([#""\ud83d""#], [""], "\u{FFFD}"),
            ([#""\ude00""#, #""plain""#], ["\u{FFFD}", "plain"], ""),
        ])
    func join(deltas: [String], expected: [String], rest: String) throws {
        var reader = JSONReader()
        var carry = SurrogateCarry()
        for (delta, text) in zip(deltas, expected) {
            #expect(try reader.read(delta) { $0.string(joining: &carry) } == text)
        }
        #expect(carry.isPending == !rest.isEmpty)
        #expect(carry.flush() == rest)
        #expect(carry.flush() == "")
    }

    @Test("something other than a string leaves the carry alone")
    func notAString() throws {
        var reader = JSONReader()
        var carry = SurrogateCarry()
        _ = try reader.read(#""\ud83d""#) { $0.string(joining: &carry) }
        #expect(try reader.read("1") { $0.string(joining: &carry) } == nil)
        #expect(carry.isPending)
    }

    /// The shared sample of a provider's stream, beside the package; not everybody has it.
    static let sample = URL(fileURLWithPath: #filePath).appendingPathComponent(
        "../../../../../shared/data/provider-streams/derived-lone-surrogate-escapes.sse"
    ).standardizedFileURL

    @Test("pair in a provider's stream", .enabled(if: FileManager.default.fileExists(atPath: sample.path)))
    func stream() throws {
        var reader = JSONReader()
        var carry = SurrogateCarry()
        var text = ""
        for line in try String(contentsOf: Self.sample, encoding: .utf8).split(separator: "\n") {
            guard line.hasPrefix("data: ") else { continue }
            text += try reader.read(String(line.dropFirst(6))) { event in
                event["delta"]?["text"]?.string(joining: &carry) ?? ""
            }
        }
        #expect(text + carry.flush() == "A😀B")
    }
}
