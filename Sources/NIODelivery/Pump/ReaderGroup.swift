#if NIO
    import DurableLog
    import NIOCore
    import Synchronization

    /// The readers of one stream on one event loop: one subscription wakes them all, and a turn writes to them in slices.
    ///
    /// The event loop's alone, but for its wake.
    final class ReaderGroup {
        private unowned let pump: DeliveryPump
        private let signal: AppendSignal
        private var subscription: AppendSubscription?
        private(set) var readers: [PumpedReader] = []

        /// The reader that comes next in the present turn, and how many are still to come.
        private var position = 0
        private var remaining = 0

        init(signal: AppendSignal, pump: DeliveryPump) {
            self.signal = signal
            self.pump = pump
            let wake = GroupWake(self, eventLoop: pump.eventLoop)
            subscription = signal.subscribe { wake.call() }
        }

        /// The key that readers of the same stream share.
        var key: ObjectIdentifier { ObjectIdentifier(signal) }

        func add(_ reader: PumpedReader) {
            reader.group = self
            reader.index = readers.count
            readers.append(reader)
        }

        func remove(_ reader: PumpedReader) {
            guard let last = readers.popLast() else { return }
            if last !== reader {
                last.index = reader.index
                readers[reader.index] = last
            }
            reader.group = nil
            // Who took the place may have been passed over.
            if remaining > 0 { remaining = readers.count }
            if readers.isEmpty { subscription = nil }
        }

        /// Something was appended: every reader is to be looked at, whether or not a turn is under way.
        fileprivate func appended() {
            let isIdle = remaining == 0
            remaining = readers.count
            if isIdle { slice() }
        }

        private func slice() {
            var budget = min(pump.configuration.sliceSize, remaining)
            while budget > 0, remaining > 0, !readers.isEmpty {
                if position >= readers.count { position = 0 }
                let reader = readers[position]
                position += 1
                budget -= 1
                remaining -= 1
                pump.pull(reader)
            }
            guard remaining > 0, !readers.isEmpty else {
                remaining = 0
                return pump.turnEnded()
            }
            pump.afterReading { self.slice() }
        }
    }

    /// Brings a group's wakes to its event loop, one at a time.
    private final class GroupWake: Sendable {
        private let isScheduled = Atomic(false)
        private let eventLoop: any EventLoop
        private let group: NIOLoopBound<WeakGroup>

        private struct WeakGroup {
            weak var group: ReaderGroup?
        }

        init(_ group: ReaderGroup, eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
            self.group = NIOLoopBound(WeakGroup(group: group), eventLoop: eventLoop)
        }

        func call() {
            guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
            eventLoop.execute {
                // Before the readers look: what is appended from now on calls again.
                self.isScheduled.store(false, ordering: .sequentiallyConsistent)
                self.group.value.group?.appended()
            }
        }
    }
#endif
