#if NIO
    public import NIOCore
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// What writes to the readers of a host: a pump for each of its event loops.
    ///
    /// A host has one, and hands it to all of its endpoints: a wake of a stream then costs an event loop one task, however many connections read it.
    public final class DeliveryPumps: Sendable {
        /// How connections are written to.
        public let configuration: PumpConfiguration

        private let drainDelay: TimeAmount
        private let onDrain: @Sendable () -> Void

        private struct LoopPump {
            let eventLoop: any EventLoop
            let pump: NIOLoopBound<DeliveryPump>
        }

        private struct State {
            var pumps: [ObjectIdentifier: LoopPump] = [:]
            /// Whether ``drain()`` was called, and whether its delay has passed.
            var isDraining = false
            var isOver = false
            /// Writers that are no pumps, to be told when the delay has passed.
            var writers: [UInt64: @Sendable () -> Void] = [:]
            var nextWriter: UInt64 = 0
        }
        private let state = Mutex(State())
        private let framings = SocketFramingTable()

        /// Pumps that are made as event loops come up.
        ///
        /// - Parameters:
        ///   - configuration: How connections are written to.
        ///   - drainDelay: How long connections may go on after ``drain()``, so that `onDrain` reaches them: 2 s by default.
        ///   - onDrain: Called once by ``drain()``, to have the endpoints tell their clients to come again: `{ hub.drain() }`.
        public init(
            configuration: PumpConfiguration = PumpConfiguration(), drainDelay: TimeAmount = .seconds(2),
            onDrain: @escaping @Sendable () -> Void = {}
        ) {
            var configuration = configuration
            configuration.pieceSize = max(1, configuration.pieceSize)
            configuration.sliceSize = max(1, configuration.sliceSize)
            self.configuration = configuration
            self.drainDelay = drainDelay
            self.onDrain = onDrain
        }

        /// The pump of an event loop; to be called on it.
        func pump(on eventLoop: any EventLoop) -> DeliveryPump {
            let (known, isOver) = state.withLock { state in
                (state.pumps[ObjectIdentifier(eventLoop)], state.isOver)
            }
            if let known { return known.pump.value }
            // Only this loop makes its own pump.
            let pump = DeliveryPump(eventLoop: eventLoop, configuration: configuration)
            let bound = NIOLoopBound(pump, eventLoop: eventLoop)
            state.withLock { $0.pumps[ObjectIdentifier(eventLoop)] = LoopPump(eventLoop: eventLoop, pump: bound) }
            if isOver { pump.drain() }
            return pump
        }

        /// How messages to a peer are framed, the same for all that agreed on the same.
        func framing(for agreement: PerMessageDeflate?) -> any SocketFraming { framings.framing(for: agreement) }

        /// Has every connection ended in order, so that its client comes again, elsewhere or after a restart; and those that come later.
        ///
        /// The endpoints are told first. What is there after the delay is ended here: a response's body is finished, a WebSocket closed with 1012. A
        /// server calls this when it is shut down; calling it again changes nothing.
        public func drain() {
            let pumps = state.withLock { state -> [LoopPump]? in
                guard !state.isDraining else { return nil }
                state.isDraining = true
                return Array(state.pumps.values)
            }
            guard let pumps else { return }
            onDrain()
            guard let first = pumps.first else { return drainIsOver() }
            first.eventLoop.scheduleTask(in: drainDelay) { self.drainIsOver() }
        }

        private func drainIsOver() {
            let (pumps, writers) = state.withLock { state in
                state.isOver = true
                return (Array(state.pumps.values), Array(state.writers.values))
            }
            for writer in writers { writer() }
            for pump in pumps { pump.eventLoop.execute { pump.pump.value.drain() } }
        }

        /// Has `end` called when a drain's delay has passed, at once when it has; returns what takes it back.
        package func addWriter(_ end: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
            let (id, isOver) = state.withLock { state in
                state.nextWriter += 1
                state.writers[state.nextWriter] = end
                return (state.nextWriter, state.isOver)
            }
            if isOver { end() }
            return { self.state.withLock { $0.writers[id] = nil } }
        }

        /// How many connections are written to; they may come and go meanwhile.
        public func readerCount() async -> Int {
            var count = 0
            for pump in state.withLock({ Array($0.pumps.values) }) {
                count += (try? await pump.eventLoop.submit { pump.pump.value.readerCount }.get()) ?? 0
            }
            return count
        }
    }
#endif
