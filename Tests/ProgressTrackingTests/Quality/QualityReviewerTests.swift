import DurableLog
import ProgressTracking
import StreamCore
import Testing

@Suite struct QualityReviewerTests {
    private let stream: StreamID = "site-1"
    private let origin = ChunkOrigin(projectID: "site-1", agentID: "writer", runID: "run-1")

    private func block(_ number: Int, _ text: String, isReasoning: Bool = false) -> StreamEvent {
        let value: JSONValue = [
            "projectId": "site-1", "agentId": "writer", "runId": "run-1", "type": "block",
            "block": .integer(Int64(number)), (isReasoning ? "reasoning" : "content"): .string(text),
        ]
        return StreamEvent(
            type: StreamEvent.EventType(rawValue: "agent:block"), source: "writer",
            payload: Array(value.jsonString.utf8))
    }

    private func updates(_ log: MemoryEventLog) async throws -> [QualityScoreUpdate] {
        try await log.read(stream, after: .start, limit: PageLimit()).events.filter { $0.event.type == .quality }.map {
            try #require(QualityScoreUpdate(jsonValue: try JSONValue(parsing: $0.event.payload)))
        }
    }

    private func reviewer(_ log: MemoryEventLog, _ scorer: any QualityScorer = TextQualityScorer()) -> QualityReviewer {
        QualityReviewer(log: log, stream: stream, scorer: scorer) { Timestamp(millisecondsSince1970: 5) }
    }

    @Test func everyFinishedTextIsJudgedOnce() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await log.append([block(0, "Thinking.", isReasoning: true), block(1, "Fresh bread.")], to: stream)
        let text = "The bakery opens at six, and every loaf is made by hand from flour of the mill next door to us."
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reviewer(log).run() }
            // Told by the log itself when the first judgement is there.
            var events = log.cursor(over: stream, filter: EventFilter(types: [.quality])).makeAsyncIterator()
            _ = try await events.next()
            try await log.append([block(2, text)], to: stream)
            _ = try await events.next()
            try await log.close(stream)
            try await group.waitForAll()
        }
        let all = try await updates(log)
        #expect(all.map(\.block) == [1, 2])
        #expect(all.map(\.origin) == [origin, origin])
        #expect(all[0].quality[.length] == 0.1)
        #expect(all[1].quality.score == 1)
    }

    @Test func oneThatIsStartedAgainGoesOnWhereItWas() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await log.append([block(1, "Fresh bread.")], to: stream)
        for number in 2...3 {
            let task = Task { try await reviewer(log).run() }
            var events = log.cursor(over: stream, filter: EventFilter(types: [.quality])).makeAsyncIterator()
            for _ in 1..<number { _ = try await events.next() }
            task.cancel()
            _ = await task.result
            try await log.append([block(number, "More bread.")], to: stream)
        }
        #expect(try await updates(log).map(\.block) == [1, 2])
    }

    @Test func whatCannotBeJudgedIsToldAndLeftOut() async throws {
        struct Failing: QualityScorer {
            let name = "failing"
            func score(_ text: String) async throws(QualityScorerError) -> QualityScore {
                if text.contains("bad") { throw QualityScorerError("no") }
                return QualityScore(score: 1, dimensions: [])
            }
        }
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await log.append([block(1, "bad"), block(2, "good")], to: stream)
        let (messages, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(8))
        let reviewer = QualityReviewer(
            log: log, stream: stream, scorer: Failing(), onFailure: { continuation.yield($0.message) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reviewer.run() }
            var events = log.cursor(over: stream, filter: EventFilter(types: [.quality])).makeAsyncIterator()
            _ = try await events.next()
            try await log.close(stream)
            try await group.waitForAll()
        }
        continuation.finish()
        #expect(await messages.reduce(into: []) { $0.append($1) } == ["no"])
        #expect(try await updates(log).map(\.block) == [2])
    }

    @Test func aClosedStreamIsLeftAlone() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await log.append([block(1, "Fresh bread.")], to: stream)
        try await log.close(stream)
        try await reviewer(log).run()
        #expect(try await updates(log) == [])
    }

    @Test func theOlderOfTwoEnds() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reviewer(log).run() }
            try await log.append([block(1, "Fresh bread.")], to: stream)
            var events = log.cursor(over: stream, filter: EventFilter(types: [.quality])).makeAsyncIterator()
            _ = try await events.next()
            // As another one does that takes over.
            _ = try await log.claim(try #require(ProducerID(rawValue: "quality/text")), in: stream)
            try await log.append([block(2, "More bread.")], to: stream)
            await #expect(throws: EventLogError.self) { try await group.waitForAll() }
        }
        #expect(try await updates(log).map(\.block) == [1])
    }
}
