#if Hummingbird
    import DurableLog
    import Hummingbird
    import NIOCore
    import NIODelivery
    import ServiceLifecycle
    import StreamDelivery
    import Synchronization

    extension DeliverySource {
        /// Pulls and writes until the end, by the task that calls it: for connections that no pump can write to.
        ///
        /// - Throws: What the writer throws when the peer has gone, or `CancellationError`.
        @concurrent func write(
            to writer: inout any ResponseBodyWriter, of channel: (any Channel)?, pumps: DeliveryPumps
        ) async throws {
            // One signal to wait on, for the stream's, the source's own, the clock's and the peer's.
            let wake = WriterWake()
            let streamSubscription = signal.subscribe { wake.signal.notify() }
            let subscription = wake.signal.subscribe()
            attach { wake.signal.notify() }
            channel?.closeFuture.whenComplete { _ in wake.peerHasGone() }
            let remove = pumps.addWriter { wake.drain() }
            let configuration = pumps.configuration
            let interval = Duration.nanoseconds(configuration.heartbeatInterval.nanoseconds)
            defer {
                remove()
                end()
                withExtendedLifetime(streamSubscription) {}
            }
            async let _: Void = wake.tick(every: interval)
            async let _: Void = wake.drainAtShutdown(pumps)
            while true {
                try Task.checkCancellation()
                if wake.isGone { throw CancellationError() }
                if wake.isDrained { return end(.drained) }
                switch next(maxBytes: configuration.pieceSize) {
                case .piece(let piece):
                    wake.wrote()
                    try await writer.write(ByteBuffer(bytes: piece.bytes))
                case .wait:
                    if wake.isSilent, let piece = heartbeat() {
                        wake.wrote()
                        try await writer.write(ByteBuffer(bytes: piece.bytes))
                    } else {
                        await subscription.wait()
                    }
                case .end: return
                }
            }
        }
    }

    /// What wakes a task that writes a body.
    private final class WriterWake: Sendable {
        let signal = AppendSignal()
        private let hasGone = Atomic(false)
        /// How often the clock struck since the last write.
        private let strokes = Atomic(0)

        var isGone: Bool { hasGone.load(ordering: .acquiring) }
        var isSilent: Bool { strokes.load(ordering: .relaxed) > 0 }
        func wrote() { strokes.store(0, ordering: .relaxed) }

        private let isOver = Atomic(false)
        /// The server goes down, and the endpoint has not ended the body by itself.
        var isDrained: Bool { isOver.load(ordering: .acquiring) }

        func drain() {
            isOver.store(true, ordering: .releasing)
            signal.notify()
        }

        func peerHasGone() {
            hasGone.store(true, ordering: .releasing)
            signal.notify()
        }

        /// Hummingbird tells channels that it goes down, but not those who write through it.
        func drainAtShutdown(_ pumps: DeliveryPumps) async {
            if (try? await gracefulShutdown()) != nil { pumps.drain() }
        }

        func tick(every interval: Duration) async {
            while (try? await Task.sleep(for: interval)) != nil {
                strokes.add(1, ordering: .relaxed)
                signal.notify()
            }
        }
    }
#endif
