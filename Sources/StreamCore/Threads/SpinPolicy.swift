#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// When a thread should look again for a moment instead of sleeping: where work came soon the last times, and there is a processor to spare.
///
/// To sleep and be woken costs both sides several microseconds, and some fifty where a virtual processor has gone idle.
package struct SpinPolicy: Sendable, Hashable {
    private let isAllowed: Bool
    private let limit: Duration
    // How many of the last waits were short, up to four.
    private var shortWaits = 0

    /// - Parameters:
    ///   - limit: The longest that is worth it.
    ///   - processors: How many there are; nil asks the system.
    package init(limit: Duration = .microseconds(60), processors: Int? = nil) {
        self.limit = limit
        isAllowed = (processors ?? SpinPolicy.processors) > 1
    }

    /// How long to look before the next sleep.
    package var duration: Duration { isAllowed && shortWaits >= 2 ? limit : .zero }

    /// Takes note of how long a wait was.
    package mutating func note(_ wait: Duration) {
        shortWaits = wait < limit * 2 ? min(4, shortWaits + 1) : max(0, shortWaits - 2)
    }

    /// How many processors the process may use.
    package static let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
