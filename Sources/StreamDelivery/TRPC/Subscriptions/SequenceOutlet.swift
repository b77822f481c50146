import DurableLog
import StreamCore
import Synchronization
import WireProtocols

/// Between the task that has a host's values and the connection that they go to: holds a few of them, and holds the task back while nobody pulls.
final class SequenceOutlet: SubscriptionSource {
    private struct State {
        var isBegun = false
        var last: SubscriptionPull?
        var isEnded = false
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var taken = 0
        var onReady: (@Sendable () -> Void)?
        var sender: CheckedContinuation<Void, Never>?
        var onBegin: (@Sendable () -> Void)?

        var isFull: Bool { bytes.count > SequenceOutlet.capacity }
        var hasNews: Bool { taken < ends.count || last != nil }
    }

    /// Beyond so many bytes the sender waits: one value is always taken, however large.
    static let capacity = 32 << 10

    let signal = AppendSignal()
    private let encoding: SubscriptionEncoding
    private let isWrapped: Bool
    private let state = Mutex(State())

    init(_ encoding: SubscriptionEncoding, isWrapped: Bool = true) {
        self.encoding = encoding
        self.isWrapped = isWrapped
    }

    // MARK: The sender's side

    /// Has `onBegin` called when the sequence was made, before its first value.
    func onBegin(_ onBegin: @escaping @Sendable () -> Void) {
        state.withLock { $0.onBegin = onBegin }
    }

    /// Whether the sequence was made.
    var isBegun: Bool { state.withLock { $0.isBegun } }

    /// The sequence was made: from now on there may be values.
    func begin() async {
        let onBegin = state.withLock { state in
            state.isBegun = true
            defer { state.onBegin = nil }
            return state.onBegin
        }
        onBegin?()
    }

    /// Puts a value in, and returns when there is room for another.
    ///
    /// - Returns: Whether anybody wants more.
    func send(_ value: SubscriptionValue<some Encodable>) async throws -> Bool {
        if let id = value.id, !SubscriptionEncoding.isAllowed(id) {
            throw TRPCError(.internalServerError, "an event's id is empty or has a line break")
        }
        var payload: [UInt8] = []
        try JSONValue(encoding: value.value).write(into: &payload)
        return await send(payload, id: value.id)
    }

    private func send(_ payload: [UInt8], id: String?) async -> Bool {
        let onReady = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isEnded else { return nil }
            let wasEmpty = !state.hasNews
            encoding.append(payload, id: id, isWrapped: isWrapped, to: &state.bytes)
            state.ends.append(state.bytes.count)
            return wasEmpty ? state.onReady : nil
        }
        onReady?()
        await waitForRoom()
        // A sequence that does not look whether its task was cancelled would go on for ever.
        return !Task.isCancelled && state.withLock { !$0.isEnded }
    }

    private func waitForRoom() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state -> Bool in
                    // The handler below may have run before the sender was here to be woken.
                    if !state.isFull || state.isEnded || Task.isCancelled { return true }
                    state.sender = continuation
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            takeSender()?.resume()
        }
    }

    private func takeSender() -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            defer { state.sender = nil }
            return state.sender
        }
    }

    /// There will be no more values, and `last` is what a pull comes to then.
    func finish(_ last: SubscriptionPull) {
        let onReady = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.last == nil else { return nil }
            state.last = last
            return state.onReady
        }
        onReady?()
    }

    // MARK: The connection's side

    func attach(onReady: @escaping @Sendable () -> Void) {
        let isReady = state.withLock { state in
            state.onReady = onReady
            return state.hasNews
        }
        if isReady { onReady() }
    }

    func next(maxBytes: Int) -> SubscriptionPull {
        let (pull, sender) = state.withLock { state in (take(maxBytes, of: &state), wake(&state)) }
        sender?.resume()
        return pull
    }

    private func take(_ maxBytes: Int, of state: inout State) -> SubscriptionPull {
        guard !state.isEnded else { return .end(nil) }
        guard state.taken < state.ends.count else { return state.last ?? .wait }
        let start = state.taken == 0 ? 0 : state.ends[state.taken - 1]
        var end = state.ends[state.taken]
        state.taken += 1
        while state.taken < state.ends.count, state.ends[state.taken] - start <= maxBytes {
            end = state.ends[state.taken]
            state.taken += 1
        }
        let piece = DeliveryPiece(Array(state.bytes[start..<end]))
        if state.taken == state.ends.count {
            state.bytes.removeAll(keepingCapacity: state.bytes.capacity <= 2 * SequenceOutlet.capacity)
            state.ends.removeAll(keepingCapacity: true)
            state.taken = 0
        }
        return .piece(piece)
    }

    // The sender goes on when all was taken: what it holds is copied no more than once then.
    private func wake(_ state: inout State) -> CheckedContinuation<Void, Never>? {
        guard !state.isFull || state.isEnded else { return nil }
        defer { state.sender = nil }
        return state.sender
    }

    // Only what was sent has an id, and the client has that.
    var position: String? { nil }

    func end() {
        let sender = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isEnded = true
            state.onReady = nil
            state.onBegin = nil
            state.bytes = []
            state.ends = []
            state.taken = 0
            return wake(&state)
        }
        sender?.resume()
    }
}
