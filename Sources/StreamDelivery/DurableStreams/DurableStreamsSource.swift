import DurableLog
import StreamCore
import Synchronization

/// The body of a Durable Streams event stream.
final class DurableStreamsSource: DeliverySource {
    private struct State: Sendable {
        /// Whether the reader is to be told that it has everything.
        var owesControl = true
        var isOver = false
        var onReady: (@Sendable () -> Void)?
    }

    private let reader: FeedReader
    private let frames: DurableStreamsFrames
    private let lifetime: Duration
    private let age: Stopwatch
    private let state = Mutex(State())

    init(_ reader: FeedReader, _ frames: DurableStreamsFrames, lifetime: Duration, age: Stopwatch) {
        self.reader = reader
        self.frames = frames
        self.lifetime = lifetime
        self.age = age
    }

    var signal: AppendSignal { reader.signal }

    func attach(onReady: @escaping @Sendable () -> Void) {
        state.withLock { $0.onReady = onReady }
        reader.attach(onReady: onReady)
    }

    func next(maxBytes: Int) -> DeliveryPull {
        if state.withLock({ $0.isOver }) { return .end }
        switch reader.next(maxBytes: maxBytes) {
        case .piece(let piece):
            state.withLock { $0.owesControl = true }
            return .piece(piece)
        case .wait:
            guard reader.isAtTail else { return .wait }
            let owesControl = state.withLock { state in
                defer { state.owesControl = false }
                return state.owesControl
            }
            return owesControl ? .piece(control()) : .wait
        case .end(.closed):
            state.withLock { $0.isOver = true }
            return .piece(control(isClosed: true))
        // The client comes again, and is answered by a status.
        case .end, .gap:
            state.withLock { $0.isOver = true }
            return .end
        }
    }

    private func control(isClosed: Bool = false) -> DeliveryPiece {
        var bytes: [UInt8] = []
        frames.control(reader.position, isUpToDate: true, isClosed: isClosed, to: &bytes)
        return DeliveryPiece(bytes)
    }

    /// A comment; or, when the stream is old enough, its end.
    func heartbeat() -> DeliveryPiece? {
        guard age.elapsed < lifetime else {
            let onReady = state.withLock { state in
                state.isOver = true
                return state.onReady
            }
            onReady?()
            return nil
        }
        return DeliveryPiece(Array(": heartbeat\n\n".utf8))
    }

    func end() {
        state.withLock { state in
            state.isOver = true
            state.onReady = nil
        }
        reader.end()
    }
}
