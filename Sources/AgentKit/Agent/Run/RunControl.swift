import Synchronization

/// How a run is told from outside to stop: to be continued later, or for good.
final class RunControl: Sendable {
    /// Set when the run is to stop.
    let signal = Signal()
    private let cancellation = Mutex<String?>(nil)

    init() {}

    /// Why the run is to stop for good; nil where it may be continued.
    var cancelReason: String? { cancellation.withLock { $0 } }

    /// Stops the run for good.
    func cancel(reason: String) {
        cancellation.withLock { $0 = $0 ?? reason }
        signal.set()
    }

    /// Stops the run, to be continued later.
    func interrupt() {
        signal.set()
    }
}
