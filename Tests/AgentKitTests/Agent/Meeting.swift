import AgentKitTesting
import Synchronization

/// Has the first ones that come wait for each other, and notes how many were there at a time: a limit is not only kept but used.
final class Meeting: Sendable {
    private let running = Mutex((now: 0, most: 0))
    private let gates: [Gate]

    /// - Parameter count: How many wait for each other.
    init(of count: Int) {
        gates = (0..<count).map { _ in Gate() }
    }

    /// How many were there at a time.
    var most: Int { running.withLock { $0.most } }

    /// Comes, and leaves when all are there, or have been.
    func attend() async throws {
        let place = running.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
            return state.now
        }
        // One too many finds no gate; that it was there is noted.
        if place <= gates.count { gates[place - 1].open() }
        for gate in gates { try await gate.wait() }
        running.withLock { $0.now -= 1 }
    }
}
