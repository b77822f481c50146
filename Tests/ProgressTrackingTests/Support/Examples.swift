import AgentKitTesting
import ProgressTracking
import StreamCore
import Synchronization

let writer = ChunkOrigin(projectID: "p", agentID: "writer", runID: "run-1")

func at(_ milliseconds: Int64) -> Timestamp { Timestamp(millisecondsSince1970: milliseconds) }

extension SeededRandom {
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func unit() -> Double { Double.random(in: 0..<1, using: &self) }
    /// Exponentially distributed, with mean 1.
    mutating func wait() -> Double {
        // The first passage of a count of thousandths: no logarithm is needed.
        var count = 1
        while unit() >= 0.01 { count += 1 }
        return Double(count) / 100
    }
    /// About normally distributed.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}

/// Counts from 1, for many tasks.
final class Counter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
}
