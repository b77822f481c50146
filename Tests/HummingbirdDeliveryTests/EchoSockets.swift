#if Hummingbird
    import DurableLog
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// An echo under `/echo`; everything else is refused.
    struct EchoSockets: SocketHandler {
        func accept(_ request: DeliveryRequest) async -> SocketAnswer {
            guard request.path == "/echo" else { return .refuse(DeliveryResponse(status: 403)) }
            return .accept(subprotocol: nil) { EchoConversation($0) }
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
                if case .text(let text) = message {
                    Array(text.utf8).withUnsafeBytes { framing.append($0, isText: true, to: &state.frames) }
                }
                return state.onReady
            }
            onReady?()
            return true
        }

        func next(maxBytes: Int) -> DeliveryPull {
            let frames = state.withLock { state in
                defer { state.frames = [] }
                return state.frames
            }
            return frames.isEmpty ? .wait : .piece(DeliveryPiece(frames))
        }

        func heartbeat() -> DeliveryPiece? { nil }
        func end() { state.withLock { $0.onReady = nil } }
    }
#endif
