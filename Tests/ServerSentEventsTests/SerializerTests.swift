import ServerSentEvents
import Testing

@Suite("Serializer")
struct SerializerTests {
    private func text(_ write: (inout [UInt8]) throws -> Void) rethrows -> String {
        var output: [UInt8] = []
        try write(&output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("The lines of an event")
    func lines() throws {
        #expect(try text { try ServerSentEventSerializer.append(data: "x", to: &$0) } == "data: x\n\n")
        #expect(try text { try ServerSentEventSerializer.append(data: "", to: &$0) } == "data: \n\n")
        #expect(try text { try ServerSentEventSerializer.append(data: " x", type: "", to: &$0) } == "data:  x\n\n")
        #expect(try text { try ServerSentEventSerializer.append(data: "x", type: "message", to: &$0) } == "data: x\n\n")
        let all = try text {
            try ServerSentEventSerializer.append(
                data: "one\ntwo", type: "agent:content", id: "00000000000000a", retry: .milliseconds(1500), to: &$0)
        }
        #expect(all == "id: 00000000000000a\nevent: agent:content\nretry: 1500\ndata: one\ndata: two\n\n")
        #expect(try text { try ServerSentEventSerializer.appendCursor(id: "7", to: &$0) } == "id: 7\n\n")
        #expect(text { ServerSentEventSerializer.appendComment("connected", to: &$0) } == ": connected\n\n")
        #expect(text { ServerSentEventSerializer.appendComment("a\r\nb\rc\nd", to: &$0) } == ": a\n: b\n: c\n: d\n\n")
        #expect(text { ServerSentEventSerializer.appendComment(to: &$0) } == ": \n\n")
    }

    @Test(
        "A payload's line breaks become those of data lines",
        arguments: [
            ("a\nb", ["a", "b"]), ("a\rb", ["a", "b"]), ("a\r\nb", ["a", "b"]), ("a\n\rb", ["a", "", "b"]),
            ("\n", ["", ""]), ("\r\n", ["", ""]), ("a\r", ["a", ""]), ("a\r\n\r\n", ["a", "", ""]),
            ("a\u{2028}b", ["a\u{2028}b"]),
            ("event: x\r\rid: 1", ["event: x", "", "id: 1"]),
            (
                "a line that is longer than a block\rof the search\n",
                ["a line that is longer than a block", "of the search", ""]
            ),
        ])
    func payloads(payload: String, lines: [String]) throws {
        let expected = lines.map { "data: \($0)\n" }.joined() + "\n"
        #expect(try text { try ServerSentEventSerializer.append(data: payload, to: &$0) } == expected)
        let bytes = Array(payload.utf8)
        #expect(try text { try ServerSentEventSerializer.append(data: bytes, to: &$0) } == expected)
        // A sequence that does not lie in one piece.
        #expect(try text { try ServerSentEventSerializer.append(data: bytes.lazy.map { $0 }, to: &$0) } == expected)
    }

    @Test(
        "Names that would break out of their line are refused, and nothing is written",
        arguments: [("a\n", 1), ("a\rb", 1), ("\r\nb", 0), ("é\ndata: x", 2)])
    func names(name: String, position: Int64) {
        var output: [UInt8] = [1]
        let error = #expect(throws: ServerSentEventError.self) {
            try ServerSentEventSerializer.append(data: "x", type: name, id: "1", to: &output)
        }
        #expect(error?.code == .invalidType)
        #expect(error?.position == position)
        #expect(output == [1])
    }

    @Test("Ids that would not arrive are refused, and nothing is written", arguments: ["1\n", "\r", "a\0", "\r\n2"])
    func ids(id: String) {
        var output: [UInt8] = []
        #expect(throws: ServerSentEventError.self) {
            try ServerSentEventSerializer.append(data: "x", id: id, to: &output)
        }
        let error = #expect(throws: ServerSentEventError.self) {
            try ServerSentEventSerializer.appendCursor(id: id, to: &output)
        }
        #expect(error?.code == .invalidID)
        #expect(error?.position == Int64(id.utf8.count - (id == "\r\n2" ? 3 : 1)))
        #expect(output.isEmpty)
    }

    @Test(
        "Reconnection times in whole milliseconds",
        arguments: [
            (.zero, "0"), (.seconds(3), "3000"), (.microseconds(1999), "1"), (.seconds(Int64.max), "9007199254740991"),
        ] as [(Duration, String)])
    func retries(time: Duration, digits: String) throws {
        #expect(try text { try ServerSentEventSerializer.appendRetry(time, to: &$0) } == "retry: \(digits)\n\n")
    }

    @Test("No negative reconnection time")
    func negativeRetry() {
        var output: [UInt8] = []
        let error = #expect(throws: ServerSentEventError.self) {
            try ServerSentEventSerializer.append(data: "x", retry: .nanoseconds(-1), to: &output)
        }
        #expect(error?.code == .invalidRetry)
        #expect(output.isEmpty)
    }

    @Test("What is written is read again, but for the kind of its line breaks", arguments: 0..<10)
    func roundTrip(seed: Int) throws {
        var random = Random(seed: UInt64(seed))
        let pieces = [
            "a", "data: ", "event: x", " ", ":", "\n", "\r", "\r\n", "é", "🙂", "\u{FEFF}", "\u{2028}", "\0",
            "long text of a line",
        ]
        func someText(without unwanted: Set<String>) -> String {
            (0..<Int.random(in: 0...6, using: &random)).map { _ in
                pieces.filter { !unwanted.contains($0) }.randomElement(using: &random)!
            }.joined()
        }
        for _ in 0..<100 {
            var output: [UInt8] = []
            var expected: [ServerSentEvent] = []
            var cursor = ""
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let id = Bool.random(using: &random) ? cursor : someText(without: ["\n", "\r", "\r\n", "\0"])
                let event = ServerSentEvent(
                    type: someText(without: ["\n", "\r", "\r\n"]), data: someText(without: []), lastEventID: id)
                try ServerSentEventSerializer.append(event, after: cursor, to: &output)
                if Bool.random(using: &random) { ServerSentEventSerializer.appendComment(event.data, to: &output) }
                cursor = id
                var read = event
                if read.type.isEmpty { read.type = "message" }
                read.data = normalized(event.data)
                expected.append(read)
            }
            #expect(
                try parse(randomChunks(of: output, using: &random)) == Outcome(events: expected, lastEventID: cursor))
        }
    }

    private func normalized(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar == "\r" || (scalar == "\n" && previous != "\r") {
                scalars.append("\n")
            } else if scalar != "\n" {
                scalars.append(scalar)
            }
            previous = scalar
        }
        return String(scalars)
    }
}
