#if NIO
    import NIOCore
    import StreamDelivery
    import Synchronization

    /// One connection that a pump pulls for.
    ///
    /// The event loop's alone.
    final class PumpedReader {
        /// What is pulled; nil when that is over.
        var source: (any DeliverySource)?
        /// Where it goes.
        unowned let sink: any PumpSink
        let mark = ReadyMark()

        // What the group and the pump keep here.
        unowned let pump: DeliveryPump
        var group: ReaderGroup?
        var index = 0
        var isPulling = false
        /// The tick of the last write.
        var lastWrite: Int
        /// How much waited for the peer at the last tick, and since which tick it takes nothing of it.
        var pendingBytes = 0
        var stuckSince: Int?

        init(_ source: any DeliverySource, sink: any PumpSink, pump: DeliveryPump, tick: Int) {
            self.source = source
            self.sink = sink
            self.pump = pump
            lastWrite = tick
        }

        /// The connection has gone, or is closing: nothing more is pulled.
        func end(_ ending: DeliveryEnding) { pump.remove(self, ending) }

        /// The channel takes bytes again, or more than before.
        func pull() { pump.pull(self) }
    }

    /// Whether a reader stands in its pump's queue already.
    final class ReadyMark: Sendable {
        private let isSet = Atomic(false)

        /// Sets it; false when it was set.
        func set() -> Bool { !isSet.exchange(true, ordering: .acquiringAndReleasing) }
        func clear() { isSet.store(false, ordering: .sequentiallyConsistent) }
    }

    /// The readers that called themselves ready, from any thread, for the event loop to pull.
    final class ReadyQueue: Sendable {
        private let readers = Mutex<[NIOLoopBound<PumpedReader>]>([])

        /// Adds a reader; true when the event loop must be told.
        func add(_ reader: NIOLoopBound<PumpedReader>) -> Bool {
            readers.withLock { readers in
                readers.append(reader)
                return readers.count == 1
            }
        }

        func take() -> [NIOLoopBound<PumpedReader>] {
            readers.withLock { readers in
                defer { readers = [] }
                return readers
            }
        }
    }
#endif
