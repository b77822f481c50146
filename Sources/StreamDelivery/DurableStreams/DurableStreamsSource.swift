import DurableLog
import StreamCore
import Synchronization

/// The body of a Durable Streams event stream.
final class DurableStreamsSource: DeliverySource {
    private struct State: Sendable {
        /// Whether the reader is to be told that it has everything.
        var owesControl = true
        /// Whether the control event of the last data event is still to be sent: what it says depends on what follows.
        var owesLastControl = false
        /// What followed that control event.
        var held: DeliveryPiece?
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
        let (isOver, owesLastControl, held) = state.withLock { state in
            defer {
                state.owesLastControl = false
                state.held = nil
            }
            return (state.isOver, state.owesLastControl, state.held)
        }
        // Who comes again goes on behind the last control event: what was sent has one.
        if isOver { return owesLastControl ? .piece(control(reader.position)) : .end }
        if let held { return .piece(taken(held)) }
        let position = reader.position
        let step = reader.next(maxBytes: maxBytes)
        switch step {
        case .piece(let piece):
            guard owesLastControl else { return .piece(taken(piece)) }
            state.withLock { $0.held = piece }
            return .piece(control(position))
        case .wait:
            let isAtTail = reader.isAtTail
            let owesControl = state.withLock { state in
                guard isAtTail else { return false }
                defer { state.owesControl = false }
                return state.owesControl
            }
            guard owesControl || owesLastControl else { return .wait }
            return .piece(control(reader.position, isUpToDate: isAtTail))
        case .end(.closed):
            state.withLock { $0.isOver = true }
            return .piece(control(reader.position, isUpToDate: true, isClosed: true))
        // The client comes again, and is answered by a status.
        case .end, .gap:
            state.withLock { $0.isOver = true }
            return owesLastControl ? .piece(control(position)) : .end
        }
    }

    // A data event is followed by one control event (§5.8), which says whether more is known to follow. Behind the newest event that is known, only the next
    // pull can tell: the control event that all readers share is left out there.
    private func taken(_ piece: DeliveryPiece) -> DeliveryPiece {
        let isAtTail = reader.isAtTail
        state.withLock { state in
            state.owesControl = true
            state.owesLastControl = isAtTail
        }
        return isAtTail ? DeliveryPiece(piece.shared, piece.range.dropLast(frames.sharedControlLength)) : piece
    }

    private func control(_ offset: Offset, isUpToDate: Bool = false, isClosed: Bool = false) -> DeliveryPiece {
        var bytes: [UInt8] = []
        frames.control(offset, isUpToDate: isUpToDate, isClosed: isClosed, to: &bytes)
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
            state.held = nil
            state.onReady = nil
        }
        reader.end()
    }
}
