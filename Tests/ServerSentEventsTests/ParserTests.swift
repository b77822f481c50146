import ServerSentEvents
import Testing

@Suite("Parser")
struct ParserTests {
    private let stream = Array(
        "retry: 10\n: hi\nid: 1\nevent: a\ndata: one\n\nevent: b\ndata: two\ndata: lines\n\n".utf8)

    @Test("All kinds of bytes give the same events")
    func kinds() throws {
        let expected = ReferenceParser.parse(stream).events
        var events: [[ServerSentEvent]] = Array(repeating: [], count: 7)
        var parsers = Array(repeating: ServerSentEventParser(), count: 7)
        try parsers[0].parse(stream, into: &events[0])
        try parsers[1].parse(stream[...], into: &events[1])
        try parsers[2].parse(stream.lazy.map { $0 }, into: &events[2])
        try stream.withUnsafeBytes { try parsers[3].parse($0, into: &events[3]) }
        try parsers[4].parse(stream.span.bytes, into: &events[4])
        try parsers[5].parse(stream) { events[5].append(ServerSentEvent($0)) }
        try parsers[6].parse(ContiguousArray(stream).dropFirst(0), into: &events[6])
        #expect(events.allSatisfy { $0 == expected })
        #expect(parsers.allSatisfy { $0.lastEventID == "1" && $0.reconnectionTime == .milliseconds(10) })
    }

    @Test("A borrowed event's single line of data lies in the chunk")
    func slices() throws {
        var parser = ServerSentEventParser()
        try stream.withUnsafeBytes { bytes in
            var rest = bytes
            let first = try #require(try parser.next(from: &rest))
            #expect(first.isType("a"))
            #expect(!first.isType("b"))
            #expect(first.lastEventID.elementsEqual("1".utf8))
            let start = try #require(first.data.baseAddress)
            #expect(bytes.baseAddress! + 36 == start)
            #expect(first.data.elementsEqual("one".utf8))
            #expect(parser.position == Int64(bytes.count - rest.count))
            let second = try #require(try parser.next(from: &rest))
            #expect(second.isType("b"))
            #expect(second.data.elementsEqual("two\nlines".utf8))
            #expect(try parser.next(from: &rest) == nil)
            #expect(rest.isEmpty)
        }
    }

    @Test("The rest of a chunk may be left and taken up")
    func stopping() throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try stream.withUnsafeBytes { bytes in
            var rest = bytes
            while let event = try parser.next(from: &rest) {
                events.append(ServerSentEvent(event))
                rest = UnsafeRawBufferPointer(rebasing: rest[...])
            }
        }
        #expect(events == ReferenceParser.parse(stream).events)
    }

    @Test(
        "A copy goes its own way",
        arguments: ["data: a", "data: a\nid: 7", "id: 7", "event: abc", "data: a\n", "retry: 1"])
    func copies(start: String) throws {
        var one = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try one.parse(Array(start.utf8), into: &events)
        var other = one
        var otherEvents: [ServerSentEvent] = []
        let endOfOne = Array("1\ndata: x\n\n".utf8)
        let endOfOther = Array("22222222\ndata: y\n\n".utf8)
        for (byte, otherByte) in zip(endOfOne + Array(repeating: 10, count: 7), endOfOther) {
            try one.parse([byte], into: &events)
            try other.parse([otherByte], into: &otherEvents)
        }
        #expect(events == ReferenceParser.parse(Array(start.utf8) + endOfOne).events)
        #expect(otherEvents == ReferenceParser.parse(Array(start.utf8) + endOfOther).events)
    }

    @Test("Comments are counted, so that a connection that is kept alive can be told from one that is silent")
    func comments() throws {
        for chunks in everySplit(of: Array(":\n\n: ping\r\ndata: x\n:y\n\nx: :\n::\n".utf8)) {
            var parser = ServerSentEventParser()
            var events: [ServerSentEvent] = []
            for chunk in chunks { try parser.parse(chunk, into: &events) }
            #expect(parser.commentCount == 4)
            #expect(parser.position == 31)
        }
    }

    @Test(
        "Whether the end would discard something",
        arguments: [
            ("", false), ("\u{FEFF}", false), ("data: a\n\n", false), (": a", false), ("\n", false),
            ("data: a\r\r", false), ("x: y\n", false),
            ("d", true), ("data: a", true), ("data: a\n", true), ("id: 1\n", true), ("event: a\n", true),
            ("data:", true), ("data: a\r", true),
        ])
    func withinBlock(stream: String, expected: Bool) throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try parser.parse(Array(stream.utf8), into: &events)
        #expect(parser.isWithinBlock == expected)
    }

    @Test("Another connection goes on at the cursor")
    func connections() throws {
        var parser = ServerSentEventParser(lastEventID: "long enough not to be a small string")
        var events: [ServerSentEvent] = []
        try parser.parse(Array("data: a\n\nretry: 5\nid: 3\nevent: x\ndata: lost".utf8), into: &events)
        parser.startNewConnection()
        #expect(!parser.isWithinBlock)
        try parser.parse(Array("\u{FEFF}data: b\n\nid: 2\n\n".utf8), into: &events)
        #expect(events.map(\.data) == ["a", "b"])
        #expect(events.allSatisfy { $0.lastEventID == "long enough not to be a small string" && $0.type == "message" })
        #expect(parser.lastEventID == "2")
        #expect(parser.reconnectionTime == .milliseconds(5))
    }
}
