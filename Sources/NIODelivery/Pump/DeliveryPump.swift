#if NIO
    import NIOCore
    import StreamDelivery

    /// Writes what the readers on one event loop are to be sent: the event loop's alone.
    ///
    /// A wake schedules a turn, in which each reader takes everything from its place to the tail, as long as its channel takes bytes. Between slices
    /// of readers the loop reads and answers: so what is appended meanwhile goes out with the same writes.
    final class DeliveryPump {
        let eventLoop: any EventLoop
        let configuration: PumpConfiguration
        private var groups: [ObjectIdentifier: ReaderGroup] = [:]
        private let ready = ReadyQueue()
        private var cache = PieceCache()
        private var ticker: Scheduled<Void>?
        private(set) var tick = 0
        private(set) var readerCount = 0
        /// The host shuts down.
        private var isDraining = false

        init(eventLoop: any EventLoop, configuration: PumpConfiguration) {
            self.eventLoop = eventLoop
            self.configuration = configuration
        }

        // MARK: Readers

        /// Takes a reader, which pulls for the first time by itself.
        func add(_ source: any DeliverySource, sink: any PumpSink) -> PumpedReader {
            let reader = PumpedReader(source, sink: sink, pump: self, tick: tick)
            let key = ObjectIdentifier(source.signal)
            // Subscribed before the first pull, so that nothing is missed.
            let group = groups[key] ?? ReaderGroup(signal: source.signal, pump: self)
            groups[key] = group
            group.add(reader)
            readerCount += 1
            startTicker()
            let (bound, mark, ready) = (NIOLoopBound(reader, eventLoop: eventLoop), reader.mark, ready)
            let pump = NIOLoopBound(self, eventLoop: eventLoop)
            let eventLoop = eventLoop
            source.attach {
                guard mark.set(), ready.add(bound) else { return }
                eventLoop.execute { pump.value.pullReady() }
            }
            if isDraining { eventLoop.execute { pump.value.drain() } }
            return reader
        }

        /// Nothing more is pulled, and the source is told so.
        ///
        /// Calling it again changes nothing.
        func remove(_ reader: PumpedReader, _ ending: DeliveryEnding? = nil) {
            guard let source = reader.source else { return }
            // Also what breaks the cycle of reader, source and the source's `onReady`.
            reader.source = nil
            if let group = reader.group {
                group.remove(reader)
                if group.readers.isEmpty { groups[group.key] = nil }
            }
            readerCount -= 1
            if readerCount == 0 {
                ticker?.cancel()
                ticker = nil
                cache.clear()
            }
            if let ending { source.end(ending) } else { source.end() }
        }

        // MARK: Pulling

        /// Writes what there is for a reader, as long as its channel takes it.
        func pull(_ reader: PumpedReader) {
            // Writing may make the channel writable, or end it, which calls here.
            guard !reader.isPulling, reader.source != nil else { return }
            reader.isPulling = true
            defer { reader.isPulling = false }
            var budget = 8 * configuration.pieceSize
            while let source = reader.source, reader.sink.isWritable {
                guard budget > 0 else { return pullLater(reader) }
                let (last, outcome) = fill(reader, from: source, budget: &budget)
                if let last {
                    reader.lastWrite = tick
                    reader.sink.writeAndFlush(last)
                }
                switch outcome {
                case .full: continue
                case .waits: return
                case .ended:
                    guard reader.source != nil else { return }
                    remove(reader)
                    return reader.sink.sourceEnded()
                }
            }
        }

        private enum Outcome {
            case full, waits, ended
        }

        /// Writes all pieces but the last, which is returned to be written and flushed in one.
        private func fill(
            _ reader: PumpedReader, from source: any DeliverySource, budget: inout Int
        ) -> (last: ByteBuffer?, outcome: Outcome) {
            var last: ByteBuffer?
            while budget > 0, reader.source != nil, reader.sink.isWritable {
                switch source.next(maxBytes: configuration.pieceSize) {
                case .piece(let piece):
                    budget -= max(piece.range.count, 1)
                    // An empty chunk would end a chunked body.
                    guard !piece.range.isEmpty else { continue }
                    if let last { reader.sink.write(last) }
                    last = cache.buffer(for: piece, framing: reader.sink.framing)
                case .wait: return (last, .waits)
                case .end: return (last, .ended)
                }
            }
            return (last, .full)
        }

        /// A reader with much to come has had its share of the loop.
        private func pullLater(_ reader: PumpedReader) {
            afterReading { self.pull(reader) }
        }

        private func pullReady() {
            var readers = ready.take()[...]
            func slice() {
                for bound in readers.prefix(configuration.sliceSize) {
                    let reader = bound.value
                    reader.mark.clear()
                    guard reader.source != nil else { continue }
                    reader.sink.sourceIsReady()
                    pull(reader)
                }
                readers = readers.dropFirst(configuration.sliceSize)
                if readers.isEmpty { turnEnded() } else { afterReading(slice) }
            }
            slice()
        }

        /// Goes on once the loop has looked at its channels.
        ///
        /// What is merely `execute`d runs before that: NIO runs tasks until there are none. A task in the near future comes after it.
        func afterReading(_ body: @escaping () -> Void) {
            eventLoop.assumeIsolated().scheduleTask(in: .microseconds(10), body)
        }

        /// Nobody is at the places of the last turn any more: their pages can go.
        func turnEnded() { cache.clear() }

        // MARK: Time

        private func startTicker() {
            guard ticker == nil else { return }
            ticker = eventLoop.assumeIsolated().scheduleTask(in: configuration.tick) {
                self.ticker = nil
                self.ticked()
                if self.readerCount > 0 { self.startTicker() }
            }
        }

        private func ticked() {
            tick += 1
            var readers = allReaders[...]
            func slice() {
                for reader in readers.prefix(configuration.sliceSize) where reader.source != nil { look(at: reader) }
                readers = readers.dropFirst(configuration.sliceSize)
                if !readers.isEmpty { afterReading(slice) }
            }
            slice()
        }

        private var allReaders: [PumpedReader] { groups.values.flatMap(\.readers) }

        /// Sends a heartbeat to whoever heard nothing for long, and gives up on whoever takes nothing.
        private func look(at reader: PumpedReader) {
            guard reader.sink.isWritable else {
                let pending = reader.sink.pendingBytes
                if pending != reader.pendingBytes { reader.stuckSince = nil }
                reader.pendingBytes = pending
                let since = reader.stuckSince ?? tick
                reader.stuckSince = since
                if tick - since >= configuration.ticks(configuration.stuckTimeout) {
                    remove(reader, .stalled)
                    reader.sink.readerIsStuck()
                }
                return
            }
            reader.stuckSince = nil
            if (tick - reader.lastWrite) * 4 >= configuration.ticks(configuration.heartbeatInterval) * 3,
                let piece = reader.source?.heartbeat(), !piece.range.isEmpty
            {
                reader.lastWrite = tick
                reader.sink.writeAndFlush(cache.buffer(for: piece, framing: reader.sink.framing))
            }
            reader.sink.ticked(tick)
        }

        // MARK: Shutting down

        /// Ends every connection in order, and those that come from now on.
        func drain() {
            isDraining = true
            for reader in allReaders where reader.source != nil {
                remove(reader, .drained)
                reader.sink.drain()
            }
        }
    }

    // The event loop's alone.
    @available(*, unavailable)
    extension DeliveryPump: Sendable {}
#endif
