import DurableLog
import StreamDelivery
import Synchronization
import WireProtocols

/// Sends back what it is sent.
struct EchoSocket: SocketHandler {
    func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        .accept(subprotocol: nil) { EchoConversation($0) }
    }
}

/// The messages of one connection that are to be sent back.
///
/// A client that sends and does not read is not read from.
final class EchoConversation: DeliveryConversation {
    /// Beyond so many bytes that wait to be sent nothing is taken.
    private static let limit = 1 << 20

    private struct State {
        var frames: [[UInt8]] = []
        var byteCount = 0
        var isFull = false
        var onReady: (@Sendable () -> Void)?
    }

    let signal = AppendSignal()
    private let framing: any SocketFraming
    private let state = Mutex(State())

    init(_ framing: any SocketFraming) {
        self.framing = framing
    }

    var closure: WebSocketClosure { WebSocketClosure(.normalClosure) }

    func attach(onReady: @escaping @Sendable () -> Void) {
        state.withLock { $0.onReady = onReady }
    }

    func receive(_ message: WebSocketMessage) -> Bool {
        var frame: [UInt8] = []
        switch message {
        case .text(var text):
            text.withUTF8 { framing.append(UnsafeRawBufferPointer($0), isText: true, to: &frame) }
        case .binary(let bytes): bytes.withUnsafeBytes { framing.append($0, isText: false, to: &frame) }
        }
        let (onReady, isFull) = state.withLock { state in
            state.frames.append(frame)
            state.byteCount += frame.count
            state.isFull = state.byteCount > EchoConversation.limit
            return (state.onReady, state.isFull)
        }
        onReady?()
        return !isFull
    }

    func next(maxBytes: Int) -> DeliveryPull {
        let (bytes, onReady) = state.withLock { state -> ([UInt8], (@Sendable () -> Void)?) in
            let bytes = Array(state.frames.joined())
            state.frames = []
            state.byteCount = 0
            defer { state.isFull = false }
            return (bytes, state.isFull ? state.onReady : nil)
        }
        onReady?()
        return bytes.isEmpty ? .wait : .piece(DeliveryPiece(bytes))
    }

    func heartbeat() -> DeliveryPiece? { nil }

    func end() {
        state.withLock { state in
            state.frames = []
            state.onReady = nil
        }
    }
}
