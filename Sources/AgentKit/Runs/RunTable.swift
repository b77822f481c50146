import StreamCore
import Synchronization

/// The runs that a process works on: who is there, and who waits for them.
final class RunTable: Sendable {
    /// What names a run in a log.
    struct Key: Hashable {
        let project: StreamID
        let runID: String
    }

    /// A run that is queued or worked on.
    final class Entry: Sendable {
        let key: Key
        let agent: StreamingAgent
        let task: RunTask
        let control = RunControl()
        /// Set when the run has ended here.
        let ended = Signal()
        private let outcome = Mutex<Result<AgentResult, AgentError>?>(nil)

        init(_ key: Key, _ agent: StreamingAgent, _ task: RunTask) {
            self.key = key
            self.agent = agent
            self.task = task
        }

        var result: Result<AgentResult, AgentError>? { outcome.withLock { $0 } }

        func end(_ result: Result<AgentResult, AgentError>) {
            outcome.withLock { $0 = result }
        }

        func active(_ state: ActiveRun.State) -> ActiveRun {
            ActiveRun(runID: key.runID, project: key.project, agent: agent.name, state: state)
        }
    }

    private struct State {
        var entries: [Key: (entry: Entry, state: ActiveRun.State)] = [:]
        var isDraining = false
        let empty = Signal()
    }

    private let state = Mutex(State())

    var runs: [ActiveRun] {
        state.withLock { state in state.entries.values.map { $0.entry.active($0.state) } }
            .sorted { ($0.project, $0.runID) < ($1.project, $1.runID) }
    }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    subscript(key: Key) -> Entry? { state.withLock { $0.entries[key]?.entry } }

    /// Adds a run, unless it is here already: then that one is returned.
    func add(_ entry: Entry) -> Entry {
        state.withLock { state in
            if let known = state.entries[entry.key] { return known.entry }
            state.entries[entry.key] = (entry, .queued)
            return entry
        }
    }

    func begin(_ entry: Entry) {
        state.withLock { $0.entries[entry.key]?.state = .running }
    }

    func remove(_ entry: Entry) {
        let empty = state.withLock { state -> Signal? in
            if state.entries[entry.key]?.entry === entry { state.entries[entry.key] = nil }
            return state.isDraining && state.entries.isEmpty ? state.empty : nil
        }
        entry.ended.set()
        empty?.set()
    }

    /// Takes no more runs; the signal is set when none is left.
    func drain() -> Signal {
        let (empty, isEmpty) = state.withLock { state in
            state.isDraining = true
            return (state.empty, state.entries.isEmpty)
        }
        if isEmpty { empty.set() }
        return empty
    }

    var entries: [Entry] {
        state.withLock { $0.entries.values.map(\.entry) }
            .sorted { ($0.key.project, $0.key.runID) < ($1.key.project, $1.key.runID) }
    }
}
