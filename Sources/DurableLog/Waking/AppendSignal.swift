package import StreamCore
import Synchronization

/// Tells the readers of a stream that something was appended, without a task, a timer or a copy per reader.
///
/// A log has one per stream and calls ``notify()`` after every append, close and delete; it may call it once for many, and for nothing. A reader subscribes first, then
/// reads, then waits: so it misses nothing.
public final class AppendSignal: Sendable {
    private let slots = Mutex<[AppendSlot]>([])
    private let onRelease: (@Sendable () -> Void)?
    // Who has it: read when somebody subscribes, hence the lock.
    private let source: Mutex<WeakSource>

    private struct WeakSource: Sendable {
        weak var source: (any TailSource)?
    }

    /// A signal without subscribers; `onRelease` is called when nobody holds the signal any more, to stop what feeds it.
    public init(onRelease: (@Sendable () -> Void)? = nil) {
        self.onRelease = onRelease
        source = Mutex(WeakSource())
    }

    /// Makes pages come from `source`, without going through the log, for those who subscribe from now on; it is not kept alive.
    package func read(from source: any TailSource) {
        self.source.withLock { $0.source = source }
    }

    deinit {
        onRelease?()
    }

    /// Wakes all subscribers; those that do not wait at the moment find at their next wait that they need not.
    public func notify() {
        // The array is not copied: it is shared until somebody subscribes or leaves meanwhile.
        for slot in slots.withLock({ $0 }) { slot.notify() }
    }

    /// A subscription to wait on.
    public func subscribe() -> AppendSubscription {
        subscribe(AppendSlot(callback: nil))
    }

    /// A subscription that calls `onAppend` at each notification, on the appender's thread: it must return at once and must not call the log.
    public func subscribe(_ onAppend: @escaping @Sendable () -> Void) -> AppendSubscription {
        subscribe(AppendSlot(callback: onAppend))
    }

    /// How many subscriptions there are.
    public var subscriberCount: Int { slots.withLock { $0.count } }

    private func subscribe(_ slot: AppendSlot) -> AppendSubscription {
        slots.withLock { slots in
            slot.index.store(slots.count, ordering: .relaxed)
            slots.append(slot)
        }
        return AppendSubscription(signal: self, slot: slot, source: source.withLock { $0.source })
    }

    func remove(_ slot: AppendSlot) {
        // The last one takes its place: indices are only touched under the lock.
        slots.withLock { slots in
            let index = slot.index.load(ordering: .relaxed)
            guard let last = slots.popLast(), last !== slot else { return }
            last.index.store(index, ordering: .relaxed)
            slots[index] = last
        }
    }
}

/// What gives pages of one stream without waiting, to those who are subscribed to it.
package protocol TailSource: AnyObject, Sendable {
    /// The events after `offset`; nil when that needs the log.
    func page(after offset: Offset, limit: PageLimit) throws(EventLogError) -> EventPage?
}

/// One reader's subscription to a stream's appends; it ends when it is released.
public final class AppendSubscription: Sendable {
    let signal: AppendSignal
    private let slot: AppendSlot
    private let source: (any TailSource)?

    init(signal: AppendSignal, slot: AppendSlot, source: (any TailSource)?) {
        self.signal = signal
        self.slot = slot
        self.source = source
    }

    deinit {
        signal.remove(slot)
    }

    /// As ``EventLog/read(_:after:limit:)`` of the subscription's stream, where that is possible at once; nil where it is not, or where the stream is gone.
    package func page(after offset: Offset, limit: PageLimit) throws(EventLogError) -> EventPage? {
        try source?.page(after: offset, limit: limit)
    }

    /// Returns when something was appended since the subscription began or the last wait returned, or when the task is cancelled.
    ///
    /// It may return without a reason, never too late. One task waits at a time.
    public func wait() async {
        await slot.wait()
    }
}

/// What a signal knows of a subscription.
final class AppendSlot: Sendable {
    private enum State {
        case idle
        case notified
        case waiting(UnsafeContinuation<Void, Never>)
    }

    let index = Atomic(0)
    private let callback: (@Sendable () -> Void)?
    private let state = Mutex(State.idle)

    init(callback: (@Sendable () -> Void)?) {
        self.callback = callback
    }

    func notify() {
        if let callback { return callback() }
        wake()
    }

    private func wake() {
        let waiting = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            if case .waiting(let continuation) = state {
                state = .idle
                return continuation
            }
            state = .notified
            return nil
        }
        waiting?.resume()
    }

    @inline(__always)
    func wait() async {
        await withTaskCancellationHandler {
            // Safe: the continuation is resumed at once, or put into the state, which only `wake` leaves, and takes it out as it does.
            await withUnsafeContinuation { continuation in
                let isNotified = state.withLock { state -> Bool in
                    if case .notified = state {
                        state = .idle
                        return true
                    }
                    if case .waiting = state { preconditionFailure("two tasks wait on one AppendSubscription") }
                    state = .waiting(continuation)
                    return false
                }
                if isNotified { continuation.resume() }
            }
        } onCancel: {
            // Also where it comes before the wait: the state remembers it.
            wake()
        }
    }
}
