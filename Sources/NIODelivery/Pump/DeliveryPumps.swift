#if NIO
    import NIOCore
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// What writes to the readers of a host: a pump for each of its event loops.
    ///
    /// A host has one, and hands it to all of its endpoints: a wake of a stream then costs an event loop one task, however many connections read it.
    public final class DeliveryPumps: Sendable {
        /// How connections are written to.
        public let configuration: PumpConfiguration

        private struct LoopPump {
            let eventLoop: any EventLoop
            let pump: NIOLoopBound<DeliveryPump>
        }

        private struct State {
            var pumps: [ObjectIdentifier: LoopPump] = [:]
            var isDraining = false
        }
        private let state = Mutex(State())
        private let framings = SocketFramingTable()

        /// Pumps that are made as event loops come up.
        public init(configuration: PumpConfiguration = PumpConfiguration()) {
            var configuration = configuration
            configuration.pieceSize = max(1, configuration.pieceSize)
            configuration.sliceSize = max(1, configuration.sliceSize)
            self.configuration = configuration
        }

        /// The pump of an event loop; to be called on it.
        func pump(on eventLoop: any EventLoop) -> DeliveryPump {
            let (known, isDraining) = state.withLock { state in
                (state.pumps[ObjectIdentifier(eventLoop)], state.isDraining)
            }
            if let known { return known.pump.value }
            // Only this loop makes its own pump.
            let pump = DeliveryPump(eventLoop: eventLoop, configuration: configuration)
            let bound = NIOLoopBound(pump, eventLoop: eventLoop)
            state.withLock { $0.pumps[ObjectIdentifier(eventLoop)] = LoopPump(eventLoop: eventLoop, pump: bound) }
            if isDraining { pump.drain() }
            return pump
        }

        /// How messages to a peer are framed, the same for all that agreed on the same.
        func framing(for agreement: PerMessageDeflate?) -> any SocketFraming { framings.framing(for: agreement) }

        /// Ends every connection in order, so that its client comes again, elsewhere or after a restart; and those that come from now on.
        ///
        /// A response in progress is ended, a WebSocket closed with 1012. Protocols that tell their clients more than that have done so
        /// before: drain the endpoints first.
        public func drain() {
            let pumps = state.withLock { state in
                state.isDraining = true
                return Array(state.pumps.values)
            }
            for pump in pumps { pump.eventLoop.execute { pump.pump.value.drain() } }
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
