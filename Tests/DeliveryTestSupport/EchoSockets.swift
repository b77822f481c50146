import DurableLog
package import StreamDelivery
import Synchronization
import WireProtocols

/// An echo on every path, or on one; everywhere else sockets are refused with status 403.
package struct EchoSockets: SocketHandler {
    private let path: String?
    private let subprotocol: String?

    /// - Parameters:
    ///   - path: Where the echo is; nil for everywhere.
    ///   - subprotocol: What the server chooses.
    package init(path: String? = nil, subprotocol: String? = nil) {
        self.path = path
        self.subprotocol = subprotocol
    }

    package func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        guard path == nil || request.path == path else { return .refuse(DeliveryResponse(status: 403)) }
        return .accept(subprotocol: subprotocol) { EchoConversation($0) }
    }
}

/// Sends back what it is sent, one message at a time.
private final class EchoConversation: DeliveryConversation {
    private struct State {
        var frames: [UInt8] = []
        var onReady: (@Sendable () -> Void)?
    }

    let signal = AppendSignal()
    let closure = WebSocketClosure(.normalClosure)
    private let framing: any SocketFraming
    private let state = Mutex(State())

    init(_ framing: any SocketFraming) {
        self.framing = framing
    }

    func attach(onReady: @escaping @Sendable () -> Void) { state.withLock { $0.onReady = onReady } }

    func receive(_ message: WebSocketMessage) -> Bool {
        let onReady = state.withLock { state in
            switch message {
            case .text(let text):
                Array(text.utf8).withUnsafeBytes { framing.append($0, isText: true, to: &state.frames) }
            case .binary(let bytes):
                bytes.withUnsafeBytes { framing.append($0, isText: false, to: &state.frames) }
            }
            return state.onReady
        }
        onReady?()
        return false
    }

    func next(maxBytes: Int) -> DeliveryPull {
        let (frames, onReady) = state.withLock { state -> ([UInt8], (@Sendable () -> Void)?) in
            defer { state.frames = [] }
            return (state.frames, state.frames.isEmpty ? nil : state.onReady)
        }
        // The next message may come.
        onReady?()
        return frames.isEmpty ? .wait : .piece(DeliveryPiece(frames))
    }

    func heartbeat() -> DeliveryPiece? { nil }
    func end() { state.withLock { $0.onReady = nil } }
}
