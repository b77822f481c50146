#if NIO
    import DurableLog
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// A source whose bytes are the test's; with others on the same script it reads the same, each from its own place.
    final class ScriptedSource: DeliveryConversation {
        /// What several sources read.
        final class Script: Sendable {
            struct State {
                var bytes = SharedBytes([])
                var isClosed = false
            }
            let signal = AppendSignal()
            let state = Mutex(State())

            init() {}

            /// Adds bytes and tells all readers.
            func append(_ text: String) {
                state.withLock { $0.bytes = SharedBytes($0.bytes.bytes + Array(text.utf8)) }
                signal.notify()
            }

            /// Has other bytes instead, and tells nobody.
            func set(_ bytes: [UInt8]) { state.withLock { $0.bytes = SharedBytes(bytes) } }

            /// How many subscribers of the signal there are.
            var subscriberCount: Int { signal.subscriberCount }

            func notify() { signal.notify() }

            func close() {
                state.withLock { $0.isClosed = true }
                signal.notify()
            }
        }

        private struct State {
            var position = 0
            var endings: [String] = []
            var onReady: (@Sendable () -> Void)?
            var received: [WebSocketMessage] = []
            var takes = true
        }

        let script: Script
        let closure: WebSocketClosure
        private let state = Mutex(State())
        private let beat: String?

        init(_ script: Script = Script(), heartbeat: String? = nil, closure: WebSocketClosure = .init(.normalClosure)) {
            self.script = script
            self.closure = closure
            beat = heartbeat
        }

        /// Why the source was ended, each time that it was; `end` where no reason was given.
        var endings: [String] { state.withLock { $0.endings } }
        /// How many bytes were pulled.
        var position: Int { state.withLock { $0.position } }
        var received: [WebSocketMessage] { state.withLock { $0.received } }

        /// Whether messages are taken; the source says that it is ready when they are again.
        func setTakes(_ takes: Bool) {
            let onReady = state.withLock { state in
                state.takes = takes
                return takes ? state.onReady : nil
            }
            onReady?()
        }

        /// As a source that got something for itself.
        func callReady() { state.withLock { $0.onReady }?() }

        var signal: AppendSignal { script.signal }

        func attach(onReady: @escaping @Sendable () -> Void) {
            state.withLock { $0.onReady = onReady }
        }

        func next(maxBytes: Int) -> DeliveryPull {
            let (bytes, isClosed) = script.state.withLock { ($0.bytes, $0.isClosed) }
            return state.withLock { state in
                let end = min(bytes.bytes.count, state.position + maxBytes)
                guard state.position < end else { return isClosed ? .end : .wait }
                defer { state.position = end }
                return .piece(DeliveryPiece(bytes, state.position..<end))
            }
        }

        func heartbeat() -> DeliveryPiece? { beat.map { DeliveryPiece(Array($0.utf8)) } }

        func receive(_ message: WebSocketMessage) -> Bool {
            state.withLock { state in
                state.received.append(message)
                return state.takes
            }
        }

        func end() { state.withLock { $0.endings.append("end") } }
        func end(_ reason: DeliveryEnding) { state.withLock { $0.endings.append(reason.rawValue) } }
    }
#endif
