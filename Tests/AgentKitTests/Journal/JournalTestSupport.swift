import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Synchronization
import Testing

/// A log whose process ends at an append: that one is not written any more, or it is and nobody learns of it.
final class CrashingLog: EventLog {
    let base: any EventLog
    private let crash: Int
    private let writesLast: Bool
    private let appends = Mutex(0)
    private let reads = Mutex(0)

    init(_ base: any EventLog, atAppend crash: Int = .max, writesLast: Bool = false) {
        self.base = base
        self.crash = crash
        self.writesLast = writesLast
    }

    var appendCount: Int { appends.withLock { $0 } }
    var readCount: Int { reads.withLock { $0 } }

    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        let number = appends.withLock { appends in
            appends += 1
            return appends
        }
        if number < crash { return try await base.append(events, to: stream, options: options) }
        if number == crash, writesLast { _ = try await base.append(events, to: stream, options: options) }
        throw EventLogError(.unavailable, stream, "the process is gone")
    }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try await base.create(stream, options: options)
    }

    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        reads.withLock { $0 += 1 }
        return try await base.read(stream, after: offset, limit: limit)
    }

    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo { try await base.info(stream) }

    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try await base.signal(for: stream)
    }

    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        try await base.claim(producer, in: stream)
    }

    func delete(_ stream: StreamID) async throws(EventLogError) { try await base.delete(stream) }

    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try await base.list(prefix: prefix, after: name, limit: limit)
    }
}

/// How a rung is tried by itself, with what it leaves to others.
enum Rung: String, CaseIterable, Sendable {
    case cursor, retry, prefill, message, restart

    var ladder: [RecoveryStrategy] {
        switch self {
        case .cursor: [.providerCursor, .plainRetry, .restart]
        case .retry: [.plainRetry, .restart]
        case .prefill: [.plainRetry, .prefill, .restart]
        case .message: [.plainRetry, .continuation(), .restart]
        case .restart: [.plainRetry, .restart]
        }
    }

    var capabilities: ModelCapabilities {
        switch self {
        case .cursor: ScriptedModel.defaultCapabilities.union(.backgroundResume)
        case .prefill: ScriptedModel.defaultCapabilities.union(.prefill)
        default: ScriptedModel.defaultCapabilities
        }
    }
}

extension StreamingAgent {
    /// An agent that keeps its runs, waits for nothing, and recovers by one rung.
    static func durable(
        _ model: any StreamingModel, _ log: any EventLog, _ rung: Rung = .restart, tools: [Tool] = [],
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) -> StreamingAgent {
        StreamingAgent(model: model, tools: tools) {
            var store = RunStore(log: log)
            store.recovery.ladder = rung.ladder
            store.recovery.retry.transientBackoff = Backoff(base: .zero, cap: .zero, jitter: .none)
            store.health = ProviderHealth(ProviderHealth.Settings(budgetFloor: 1_000, breaker: nil))
            $0.store = store
            $0.wallClock = { Timestamp(millisecondsSince1970: 1) }
            configure(&$0)
        }
    }
}

/// A tool that counts its calls.
func countingWeather(_ calls: Recorder<String>) -> Tool {
    var tool = Tool("weather", description: "The weather.", inputSchema: ["type": "object"]) {
        (place: Place, context: ToolContext) in
        calls.add(context.callID)
        return "Rain in \(place.city)"
    }
    tool.isIdempotent = true
    return tool
}

/// Everything that a stream holds.
func events(of stream: StreamID, in log: any EventLog) async throws -> [LoggedEvent] {
    var events: [LoggedEvent] = []
    var offset = Offset.start
    while true {
        let page = try await log.read(stream, after: offset, limit: PageLimit())
        if page.events.isEmpty { return events }
        events += page.events
        offset = page.next
    }
}

/// What a reader of the log shows.
func transcript(of stream: StreamID, in log: any EventLog) async throws -> Transcript.Run {
    var transcript = Transcript()
    for event in try await events(of: stream, in: log) { try transcript.apply(event.event, at: event.offset) }
    return try #require(transcript.runs.first)
}

/// The state that the log folds to.
func fold(of runID: String, in log: any EventLog) async throws -> RunFold {
    var fold = RunFold(runID: runID)
    for event in try await events(of: StreamID(runID), in: log) { try fold.apply(event) }
    return fold
}
