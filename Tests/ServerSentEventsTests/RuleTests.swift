import ServerSentEvents
import Testing

/// A stream and what the specification makes of it.
struct Rule: CustomTestStringConvertible, Sendable {
    let name: String
    let stream: [UInt8]
    let events: [ServerSentEvent]
    var lastEventID = ""
    var retry: Duration?

    var testDescription: String { name }

    init(
        _ name: String, _ stream: String, _ events: [ServerSentEvent], id: String = "", retry: Duration? = nil
    ) {
        self.init(name, bytes: Array(stream.utf8), events, id: id, retry: retry)
    }

    init(
        _ name: String, bytes: [UInt8], _ events: [ServerSentEvent], id: String = "", retry: Duration? = nil
    ) {
        self.name = name
        stream = bytes
        self.events = events
        lastEventID = id
        self.retry = retry
    }
}

private func message(_ data: String, id: String = "") -> ServerSentEvent {
    ServerSentEvent(data: data, lastEventID: id)
}

private func event(_ type: String, _ data: String, id: String = "") -> ServerSentEvent {
    ServerSentEvent(type: type, data: data, lastEventID: id)
}

private func joined(_ before: String, _ bytes: [UInt8], _ after: String) -> [UInt8] {
    Array(before.utf8) + bytes + Array(after.utf8)
}

@Suite("Rules of the event stream")
struct RuleTests {
    static let lines: [Rule] = [
        Rule("nothing", "", []),
        Rule("only line breaks", "\n\r\r\n\n", []),
        Rule("LF", "data: one\n\ndata: two\n\n", [message("one"), message("two")]),
        Rule("CR", "data: one\r\rdata: two\r\r", [message("one"), message("two")]),
        Rule("CRLF", "data: one\r\n\r\ndata: two\r\n\r\n", [message("one"), message("two")]),
        Rule("mixed", "data: one\rdata: two\r\ndata: three\n\r\n", [message("one\ntwo\nthree")]),
        Rule("LF CR ends two lines", "data: one\n\rdata: two\r\n\r", [message("one"), message("two")]),
        Rule("CR CRLF ends two lines", "data: one\r\r\ndata: two\n\n", [message("one"), message("two")]),
        Rule(
            "other separators are data", "data: a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f\n\n",
            [
                message("a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f")
            ]),
        Rule("byte order mark", "\u{FEFF}data: x\n\n", [message("x")]),
        Rule("second mark is a name's", "\u{FEFF}\u{FEFF}data: x\ndata: y\n\n", [message("y")]),
        Rule("mark later on", "data: x\n\n\u{FEFF}data: y\n\n", [message("x")]),
        Rule("mark in data", "data: \u{FEFF}x\u{FEFF}\n\n", [message("\u{FEFF}x\u{FEFF}")]),
        Rule("half a mark", bytes: joined("", [0xEF], "\ndata: x\n\n"), [message("x")]),
        Rule("two thirds of a mark", bytes: joined("", [0xEF, 0xBB], "data: x\ndata: y\n\n"), [message("y")]),
        Rule("only a mark", "\u{FEFF}", []),
        Rule("mark and line break", "\u{FEFF}\r\ndata: x\n\n", [message("x")]),
    ]

    static let fields: [Rule] = [
        Rule(
            "one space goes", "data:x\n\ndata: x\n\ndata:  x\n\ndata:\tx\n\n",
            ["x", "x", " x", "\tx"].map { message($0) }),
        Rule("empty data", "data\n\ndata:\n\ndata: \n\n", [message(""), message(""), message("")]),
        Rule("lines are joined", "data\ndata\n\ndata:\ndata: \ndata\n\n", [message("\n"), message("\n\n")]),
        Rule(
            "data around other fields", "data: a\nid: 1\nevent: e\n: c\nx: y\nretry: 5\ndata: b\n\n",
            [
                event("e", "a\nb", id: "1")
            ], id: "1", retry: .milliseconds(5)),
        Rule("comments", ":\n: a\n:data: x\n\ndata: y\n:z\n\n:", [message("y")]),
        Rule("unknown fields", "x\ny: z\nDATA: a\n data: b\nda ta: c\ndata : d\ndatax: e\ndat: f\n\n", []),
        Rule("NUL is no end of a name", "data\0: x\nid\0: 1\nevent\0: y\nretry\0: 1\ndata: z\n\n", [message("z")]),
        Rule("colons in values", "data: a:b: c\nevent: d:e\nid: :\n\n", [event("d:e", "a:b: c", id: ":")], id: ":"),
        Rule(
            "names", "event: a\ndata: 1\n\ndata: 2\n\nevent:a\ndata: 3\n\n",
            [
                event("a", "1"), message("2"), event("a", "3"),
            ]),
        Rule(
            "the last name counts", "event: a\nevent: b\ndata: 1\n\nevent: a\nevent\ndata: 2\n\n",
            [
                event("b", "1"), message("2"),
            ]),
        Rule(
            "empty names", "event\ndata: 1\n\nevent:\ndata: 2\n\nevent: \ndata: 3\n\nevent:  \ndata: 4\n\n",
            [
                message("1"), message("2"), message("3"), event(" ", "4"),
            ]),
        Rule("a name without data is forgotten", "event: a\n\ndata: 1\n\n", [message("1")]),
        Rule(
            "names come again", "event: a\ndata: 1\n\nevent: b\ndata: 2\n\nevent: a\ndata: 3\n\nevent: ab\ndata: 4\n\n",
            [
                event("a", "1"), event("b", "2"), event("a", "3"), event("ab", "4"),
            ]),
        Rule(
            "names with CRLF",
            "event: long-name-of-an-event\r\ndata: 1\r\n\r\nevent: long-name-of-an-event\r\ndata: 2\r\n\r\n",
            [
                event("long-name-of-an-event", "1"), event("long-name-of-an-event", "2"),
            ]),
    ]

    static let cursors: [Rule] = [
        Rule("ids stay", "id: 1\ndata: a\n\ndata: b\n\n", [message("a", id: "1"), message("b", id: "1")], id: "1"),
        Rule("an id after the data", "data: a\nid: 1\n\n", [message("a", id: "1")], id: "1"),
        Rule("the last id of a block", "id: 1\nid: 2\ndata: a\n\n", [message("a", id: "2")], id: "2"),
        Rule("an id without data counts", "id: 7\n\ndata: a\n\n", [message("a", id: "7")], id: "7"),
        Rule("an id at the end without data", "data: a\n\nid: 8\n\n", [message("a")], id: "8"),
        Rule("an id without an end does not", "data: a\n\nid: 8\n", [message("a")]),
        Rule("an id in a line without an end", "data: a\nid: 8", []),
        Rule(
            "empty ids", "id: 1\ndata: a\n\nid\ndata: b\n\nid: 2\ndata: c\n\nid: \ndata: d\n\n",
            [
                message("a", id: "1"), message("b"), message("c", id: "2"), message("d"),
            ]),
        Rule(
            "NUL in an id", "id: 1\nid: 2\0\ndata: a\n\nid: \0\ndata: b\n\n",
            [message("a", id: "1"), message("b", id: "1")], id: "1"),
        Rule("ids keep their spaces", "id:  é \ndata: a\n\n", [message("a", id: " é ")], id: " é "),
        Rule(
            "long ids", "id: 0123456789-0123456789\ndata: a\n\ndata: b\n\n",
            [
                message("a", id: "0123456789-0123456789"), message("b", id: "0123456789-0123456789"),
            ], id: "0123456789-0123456789"),
        Rule(
            "the end discards a block", "id: 1\ndata: a\n\nid: 2\nevent: e\ndata: b\n", [message("a", id: "1")], id: "1"
        ),
        Rule("the end discards a line", "data: a\n\ndata: b", [message("a")]),
    ]

    static let reconnection: [Rule] = [
        Rule("retry", "retry: 1500\n", [], retry: .milliseconds(1500)),
        Rule("retry without an end of its line", "retry: 1500", []),
        Rule("the last retry", "retry:1\nretry: 2\n\n", [], retry: .milliseconds(2)),
        Rule("zero and leading zeros", "retry: 0\nretry: 0030\n", [], retry: .milliseconds(30)),
        Rule(
            "no number",
            "retry: 9\nretry\nretry:\nretry: -5\nretry: +5\nretry: 1.5\nretry: 1e3\nretry:  5\nretry: 5 \nretry: 0x5\nretry: ٣\nretry: 5\0\n",
            [], retry: .milliseconds(9)),
        Rule(
            "beyond every number", "retry: 99999999999999999999999999999999999999\n", [],
            retry: .milliseconds(9_007_199_254_740_991)),
        Rule(
            "beyond it and no number", "retry: 4\nretry: 99999999999999999999999999999999999999x\n", [],
            retry: .milliseconds(4)),
    ]

    static let encoding: [Rule] = [
        Rule("scalars of all lengths", "data: aé日🙂\nevent: é日🙂\nid: 🙂\n\n", [event("é日🙂", "aé日🙂", id: "🙂")], id: "🙂"),
        Rule("graphemes across line breaks", "data: e\r\ndata: \u{301}\r\n\r\n", [message("e\n\u{301}")]),
        Rule("NUL in data", "data: \0a\0\n\n", [message("\0a\0")]),
        Rule("a byte that begins nothing", bytes: joined("data: a", [0xFF], "b\n\n"), [message("a\u{FFFD}b")]),
        Rule("cut at the end of a line", bytes: joined("data: a", [0xF0, 0x9F, 0x99], "\n\n"), [message("a\u{FFFD}")]),
        Rule("cut by a letter", bytes: joined("data: ", [0xE2, 0x82], "a\n\n"), [message("\u{FFFD}a")]),
        Rule(
            "overlong", bytes: joined("data: ", [0xC0, 0xAF, 0xE0, 0x80, 0xAF], "\n\n"),
            [
                message("\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
            ]),
        Rule("surrogate", bytes: joined("data: ", [0xED, 0xA0, 0x80], "\n\n"), [message("\u{FFFD}\u{FFFD}\u{FFFD}")]),
        Rule(
            "beyond Unicode", bytes: joined("data: ", [0xF4, 0x90, 0x80, 0x80], "\n\n"),
            [
                message("\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
            ]),
        Rule(
            "one after the other", bytes: joined("data: ", [0xF0, 0x9F, 0xF0, 0x9F, 0x99, 0x82], "\n\n"),
            [
                message("\u{FFFD}🙂")
            ]),
        Rule(
            "two halves in two lines", bytes: joined("data: ", [0xC3], "\ndata:") + [0xA9, 0x0A, 0x0A],
            [
                message("\u{FFFD}\n\u{FFFD}")
            ]),
        Rule(
            "in names and ids", bytes: joined("event: a", [0x80], "\nid: ") + [0xFE] + Array("\ndata: x\n\n".utf8),
            [event("a\u{FFFD}", "x", id: "\u{FFFD}")], id: "\u{FFFD}"),
    ]

    @Test(
        "At every split, owned and borrowed, and by the reference",
        arguments: lines + fields + cursors + reconnection + encoding)
    func rule(_ rule: Rule) throws {
        let expected = Outcome(events: rule.events, lastEventID: rule.lastEventID, retry: rule.retry)
        #expect(ReferenceParser.parse(rule.stream) == expected)
        for chunks in everySplit(of: rule.stream) {
            #expect(try parse(chunks) == expected)
            #expect(try parseBorrowed(chunks) == expected)
        }
    }

    @Test(
        "Cut in three, where two cuts fall into one line break or scalar",
        arguments: ["a: b\r\n\r\nid: é🙂\r\n\r\n", "\u{FEFF}data: 日\r\n\r"])
    func threeParts(stream: String) throws {
        let bytes = Array(("data: x\r\n\r\n" + stream).utf8)
        let expected = ReferenceParser.parse(bytes)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let chunks = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
                #expect(try parse(chunks) == expected)
                #expect(try parseBorrowed(chunks) == expected)
            }
        }
    }
}
