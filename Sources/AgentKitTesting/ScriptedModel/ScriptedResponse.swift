import AgentKit
import StreamCore

/// Counts a stream as open for as long as it is held.
final class StreamLease: Sendable {
    private let end: @Sendable () -> Void

    init(end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit {
        end()
    }
}

/// A response under way.
struct ScriptedResponse {
    private let actions: [ScriptedAction]
    private let batchSize: Int
    private let clock: any Clock<Duration>
    private var lease: StreamLease?
    private var position = 0

    init(actions: [ScriptedAction], batchSize: Int, clock: any Clock<Duration>, lease: StreamLease) {
        self.actions = actions
        self.batchSize = batchSize
        self.clock = clock
        self.lease = lease
    }

    /// The next events; nil after the last.
    mutating func nextBatch() async throws(ModelError) -> [ModelEvent]? {
        var batch: [ModelEvent] = []
        while position < actions.count, batch.count < batchSize {
            if Task.isCancelled { throw end(ScriptedResponse.cancelled) }
            if case .event(let event) = actions[position] {
                batch.append(event)
            } else {
                // What came before is there already: it is handed out first.
                if !batch.isEmpty { return batch }
                try await pass(actions[position])
            }
            position += 1
        }
        if batch.isEmpty { lease = nil }
        return batch.isEmpty ? nil : batch
    }

    private mutating func pass(_ action: ScriptedAction) async throws(ModelError) {
        do {
            switch action {
            case .event: break
            case .sleep(let duration): try await clock.sleep(for: duration)
            case .wait(let gate): try await gate.wait()
            case .hang: try await Gate().wait()
            case .fail(let error): throw error
            }
        } catch {
            throw end(error as? ModelError ?? ScriptedResponse.cancelled)
        }
    }

    private mutating func end(_ error: ModelError) -> ModelError {
        lease = nil
        position = actions.count
        return error
    }

    private static var cancelled: ModelError {
        ModelError(kind: .cancelled, message: "the reader of the scripted response cancelled it")
    }
}
