#if NIO
    import DurableLog
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// Sends back what it is sent, one message at a time.
    final class EchoConversation: DeliveryConversation {
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

    /// A source without bytes that says why it was ended.
    final class WatchedSource: DeliverySource {
        let signal = AppendSignal()
        private let onEnd: @Sendable (String) -> Void

        init(_ onEnd: @escaping @Sendable (String) -> Void) { self.onEnd = onEnd }
        func attach(onReady: @escaping @Sendable () -> Void) {}
        func next(maxBytes: Int) -> DeliveryPull { .wait }
        func heartbeat() -> DeliveryPiece? { nil }
        func end() { onEnd("end") }
        func end(_ reason: DeliveryEnding) { onEnd(reason.rawValue) }
    }
#endif
