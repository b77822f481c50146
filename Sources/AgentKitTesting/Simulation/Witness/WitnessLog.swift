import AgentKit
import DurableLog
import StreamCore
import Synchronization

/// A process of a simulation: while it lives, its calls reach the stores; then they fail, and change nothing.
final class SimulatedProcess: Sendable {
    let name: String
    private let isGone = Atomic(false)

    init(name: String) {
        self.name = name
    }

    var isAlive: Bool { !isGone.load(ordering: .relaxed) }

    func end() {
        isGone.store(true, ordering: .relaxed)
    }
}

/// The log as a process has it: at the other end of a network that delays calls and loses answers, and under the eyes of the witness.
struct WitnessLog: EventLog {
    let base: any EventLog
    let process: SimulatedProcess
    let witness: SimulationWitness
    let scheduler: SimulationScheduler
    /// One answer in so many is lost; 0 for none.
    var lostAnswers = 0

    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        try await enter(stream)
        let digests = events.map(SimulationDigest.of)
        let fence = witness.willAppend(digests, options)
        defer { witness.endAppend(digests, options) }
        let result: AppendResult
        do throws(EventLogError) {
            result = try await uncancelled { () async throws(EventLogError) in
                try await base.append(events, to: stream, options: options)
            }
        } catch {
            witness.tell("\(process.name)'s append of \(events.count) failed: \(error)")
            throw error
        }
        scheduler.note(result.last.index)
        witness.didAppend(digests, options, result, fence: fence, who: process.name)
        if options.durability == .synced { noteCalls(events) }
        try leave(stream)
        return result
    }

    private func noteCalls(_ events: [StreamEvent]) {
        for event in events where event.type.rawValue == "run:tool" {
            guard let value = try? JSONValue(parsing: event.payload), value["state"] == "finished",
                let run = value["runId"]?.stringValue, let step = value["step"]?.intValue,
                let call = value["result"]?["toolCallId"]?.stringValue
            else { continue }
            witness.didFinish(ToolContext(callID: call, runID: run, step: step).idempotencyKey)
        }
    }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try await enter(stream)
        let creation = try await uncancelled { () async throws(EventLogError) in
            try await base.create(stream, options: options)
        }
        try leave(stream)
        return creation
    }

    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        try await enter(stream)
        let page = try await base.read(stream, after: offset, limit: limit)
        try leave(stream)
        return page
    }

    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        try await enter(stream)
        return try await base.info(stream)
    }

    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try await enter(stream)
        return try await base.signal(for: stream)
    }

    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        try await enter(stream)
        let known = witness.newestEpoch(of: producer)
        let epoch = try await uncancelled { () async throws(EventLogError) in
            try await base.claim(producer, in: stream)
        }
        witness.didClaim(producer, epoch, after: known, who: process.name)
        try leave(stream)
        return epoch
    }

    func delete(_ stream: StreamID) async throws(EventLogError) {
        try await enter(stream)
        try await base.delete(stream)
    }

    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try await enter(nil)
        return try await base.list(prefix: prefix, after: name, limit: limit)
    }

    // MARK: The network

    private func enter(_ stream: StreamID?) async throws(EventLogError) {
        if scheduler.once(in: 6) { await Task.yield() }
        guard process.isAlive else { throw EventLogError(.unavailable, stream, "\(process.name) is gone") }
    }

    private func leave(_ stream: StreamID?) throws(EventLogError) {
        guard process.isAlive else { throw EventLogError(.unavailable, stream, "\(process.name) is gone") }
        if lostAnswers > 0, scheduler.once(in: lostAnswers) {
            throw EventLogError(.storage, stream, "the answer is lost, and nobody knows what became of the call")
        }
    }

    // What a network has taken does not come back because its sender does not care any more. In a task of the scheduler's, as all of a simulation.
    private func uncancelled<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(EventLogError) -> Value
    ) async throws(EventLogError) -> Value {
        guard Task.isCancelled else { return try await work() }
        let task = Task(executorPreference: scheduler) { () async -> Result<Value, EventLogError> in
            do throws(EventLogError) { return .success(try await work()) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }
}
