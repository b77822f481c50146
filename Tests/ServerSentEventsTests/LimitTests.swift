import ServerSentEvents
import Testing

@Suite("Limits")
struct LimitTests {
    private func failure(_ stream: String, line: Int, event: Int) -> [ServerSentEventError?] {
        everySplit(of: Array(stream.utf8)).flatMap { chunks -> [ServerSentEventError?] in
            let limits = ServerSentEventLimits(line: line, event: event)
            var failures: [ServerSentEventError?] = [nil, nil]
            do throws(ServerSentEventError) { _ = try parse(chunks, limits: limits) } catch { failures[0] = error }
            do throws(ServerSentEventError) { _ = try parseBorrowed(chunks, limits: limits) } catch {
                failures[1] = error
            }
            return failures
        }
    }

    @Test(
        "At the limit and not beyond it",
        arguments: [
            "data: 12345678\n\n", "event: 12345678\ndata\n\n", "id: 12345678\ndata: 1\n\n", "data: 1234\ndata: 567\n\n",
            "data:12345678\r\n\r\n",
            ": a comment of any length\n\nand any name of a field: with a value\n\nretry: 000000000000000000000000001\n\n",
            "data\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\n\n",
        ])
    func within(stream: String) {
        #expect(failure(stream, line: 8, event: 8).allSatisfy { $0 == nil })
    }

    @Test(
        "The first byte beyond a limit is named, at every split",
        arguments: [
            ("data: 123456789\n\n", .lineTooLong, 14), ("data:123456789", .lineTooLong, 13),
            ("\nevent: 123456789\n", .lineTooLong, 16),
            ("id: 123456789\n", .lineTooLong, 12), ("event:1\nevent:123456789\n", .lineTooLong, 22),
            ("data: 1234\ndata: 5678\n", .eventTooLarge, 20), ("data: 12345678\ndata\n", .eventTooLarge, 19),
            ("data: 12345678\ndata: \n", .eventTooLarge, 21),
            ("data: 1\n\ndata: 1234567\ndata: 8\ndata: 9\n", .eventTooLarge, 29),
        ] as [(String, ServerSentEventError.Code, Int64)])
    func beyond(stream: String, code: ServerSentEventError.Code, position: Int64) {
        for failure in failure(stream, line: 8, event: 8) {
            #expect(failure?.code == code)
            #expect(failure?.position == position)
            #expect(failure?.limit == 8)
        }
    }

    @Test("The smaller of the two limits is the one that is named")
    func smaller() {
        #expect(
            failure("data: 12345\n\n", line: 4, event: 3).allSatisfy { $0?.code == .eventTooLarge && $0?.position == 9 }
        )
        #expect(
            failure("data: 12345\n\n", line: 3, event: 4).allSatisfy { $0?.code == .lineTooLong && $0?.position == 9 })
        #expect(failure("data: 1\n\n", line: 0, event: -1).allSatisfy { $0?.code == .lineTooLong && $0?.position == 6 })
    }

    @Test("Events before a failure are given, and the failure stays")
    func failureStays() {
        var parser = ServerSentEventParser(limits: ServerSentEventLimits(line: 4))
        var events: [ServerSentEvent] = []
        let first = #expect(throws: ServerSentEventError.self) {
            try parser.parse(Array("id: 1\ndata: a\n\ndata: 12345\n\ndata: b\n\n".utf8), into: &events)
        }
        #expect(events == [ServerSentEvent(data: "a", lastEventID: "1")])
        let second = #expect(throws: ServerSentEventError.self) { try parser.parse(Array("\n".utf8), into: &events) }
        #expect(first == second)
        #expect(parser.position == 25)
        #expect(parser.lastEventID == "1")

        parser.startNewConnection()
        #expect(throws: Never.self) { try parser.parse(Array("\u{FEFF}data: c\n\n".utf8), into: &events) }
        #expect(events.last == ServerSentEvent(data: "c", lastEventID: "1"))
    }

    @Test("Endless lines of which nothing is kept", arguments: [":", "x", "data", "retry: ", "\u{FEFF}\u{FEFF}data:"])
    func endless(start: String) throws {
        var parser = ServerSentEventParser(limits: ServerSentEventLimits(line: 10, event: 10))
        var events: [ServerSentEvent] = []
        try parser.parse(Array(start.utf8), into: &events)
        let chunk = [UInt8](repeating: UInt8(ascii: "0"), count: 1 << 16)
        for _ in 0..<64 {
            try parser.parse(chunk, into: &events)
        }
        #expect(parser.position == Int64(start.utf8.count + 64 << 16))
        try parser.parse(Array("\ndata: a\n\n".utf8), into: &events)
        #expect(events == [ServerSentEvent(data: "a")])
    }

    @Test("An event as large as the default allows, in small chunks")
    func largest() throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try parser.parse(Array("data: ".utf8), into: &events)
        let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 14)
        for _ in 0..<(1 << 10) {
            try parser.parse(chunk, into: &events)
        }
        try parser.parse(Array("\n\ndata: b\n\n".utf8), into: &events)
        #expect(events.map(\.data.utf8.count) == [1 << 24, 1])
    }
}
