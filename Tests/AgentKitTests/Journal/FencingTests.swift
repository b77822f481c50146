import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Synchronization
import Testing

/// Two agents recover the same run on one log, at every interleaving of their calls that one pause of each can make.
@Suite struct FencingTests {
    private static let story = Story.weather

    /// A run whose process is gone at an append, in the midst of a text or of its tools.
    private func brokenRun(atAppend crash: Int) async -> MemoryEventLog {
        let log = MemoryEventLog()
        let model = Self.story.model(Rung.prefill.capabilities)
        let agent = StreamingAgent.durable(
            model, CrashingLog(log, atAppend: crash), .prefill, tools: [countingWeather(Recorder())])
        _ = await agent.execute("The weather?", id: "run").read()
        return log
    }

    private func agent(_ log: any EventLog, _ calls: Recorder<String>) -> StreamingAgent {
        StreamingAgent.durable(
            Self.story.model(Rung.prefill.capabilities), log, .prefill, tools: [countingWeather(calls)])
    }

    /// - Parameter second: How many calls the second one makes before it is paused in turn and the first one goes on; nil for all of its run.
    @Test(arguments: [24, 45], [nil, 2, 9] as [Int?])
    func oneWinsAndTheOtherStops(crash: Int, second: Int?) async throws {
        // Each of its first calls, among them the claim, and then some.
        for pause in Array(1...8) + Array(stride(from: 9, to: 200, by: 7)) {
            let log = await brokenRun(atAppend: crash)
            let calls = Recorder<String>()
            let (firstLog, secondLog) = (PausingLog(log, at: pause), PausingLog(log, at: second ?? .max))
            let first = Task { await recover(firstLog, calls) }
            try await firstLog.stopped.wait()
            let isPaused = firstLog.isPaused
            let other = Task { await recover(secondLog, calls) }
            try await secondLog.stopped.wait()
            firstLog.goOn.open()
            let one = await first.value
            secondLog.goOn.open()
            let two = await other.value
            try await check(
                log, [one, two], calls, "gone at \(crash), first paused at \(pause), second at \(second ?? 0)")
            if !isPaused { break }
        }
    }

    private func recover(_ log: PausingLog, _ calls: Recorder<String>) async -> Streamed {
        let streamed = await agent(log, calls).recover("run").read()
        log.stopped.open()
        return streamed
    }

    private func check(_ log: any EventLog, _ ends: [Streamed], _ calls: Recorder<String>, _ name: Comment) async throws
    {
        // Whoever ends well has the end that the log has; the other one was fenced, and nobody is told of a failure of the run.
        #expect(ends.contains { $0.finish == .stop }, name)
        for end in ends where end.finish != .stop {
            #expect(end.error?.kind == .fenced, name)
            #expect(!end.payloads.contains { if case .error = $0 { true } else { false } }, name)
        }
        let logged = try await events(of: "run", in: log)
        #expect(logged.count { $0.event.type == .complete } == 1, name)
        #expect(logged.count { $0.event.type == .runEnd } == 1, name)
        #expect(zip(logged, logged.dropFirst()).allSatisfy { $1.offset == $0.offset.successor }, name)
        let run = try await transcript(of: "run", in: log)
        #expect(run.text == Self.story.text, name)
        // What each of them showed stands in the log, in one piece of its own or among the other's seams, and nothing of it twice.
        var results: [String] = []
        for event in logged where event.event.type == .tool {
            let value = try JSONValue(parsing: event.event.payload)
            if value["type"] == "tool-result" { results.append(value["toolCallId"]?.stringValue ?? "") }
        }
        #expect(results.sorted() == ["call-a", "call-b"], name)
        for end in ends { try expectLogged(end, logged, name) }
    }

    private func expectLogged(_ end: Streamed, _ logged: [LoggedEvent], _ name: Comment) throws {
        var place = 0
        for chunk in end.chunks {
            guard case .content(let text) = chunk.payload else { continue }
            let found = try logged[place...].firstIndex { event in
                guard event.event.type == .content else { return false }
                let value = try JSONValue(parsing: event.event.payload)
                return value["content"]?.stringValue == text && value["block"]?.intValue == chunk.block
            }
            guard let found else {
                Issue.record("'\(text)' was shown and is not in the log: \(name)")
                return
            }
            place = found + 1
        }
    }
}

/// A log that stops its caller before one of its calls, until it is told to go on.
final class PausingLog: EventLog {
    /// Opened when the caller is stopped; whoever uses the log opens it when there is nothing more to stop.
    let stopped = Gate()
    /// Lets the caller go on.
    let goOn = Gate()
    private let base: any EventLog
    private let pause: Int
    private let calls = Mutex(0)

    init(_ base: any EventLog, at pause: Int) {
        self.base = base
        self.pause = pause
    }

    var isPaused: Bool { calls.withLock { $0 >= pause } }

    private func step() async {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        guard number == pause else { return }
        stopped.open()
        try? await goOn.wait()
    }

    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        await step()
        return try await base.append(events, to: stream, options: options)
    }

    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        await step()
        return try await base.read(stream, after: offset, limit: limit)
    }

    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        await step()
        return try await base.claim(producer, in: stream)
    }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try await base.create(stream, options: options)
    }

    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo { try await base.info(stream) }

    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try await base.signal(for: stream)
    }

    func delete(_ stream: StreamID) async throws(EventLogError) { try await base.delete(stream) }

    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try await base.list(prefix: prefix, after: name, limit: limit)
    }
}
