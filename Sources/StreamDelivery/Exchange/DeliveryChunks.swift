import DurableLog
import Synchronization

extension DeliverySource {
    /// The source's bytes as an async sequence, for hosts that write those: with heartbeats, and ended when the sequence is.
    ///
    ///     for await chunk in source.chunks() { try await writer.write(chunk) }
    ///
    /// It takes no more from the source while a chunk is being written, so that a slow reader holds one chunk. Where the loop is left, or its task cancelled, the source
    /// is ended.
    ///
    /// - Parameters:
    ///   - maxBytes: How large a chunk is at most, where it can be cut.
    ///   - heartbeat: How long nothing may be sent before a heartbeat is; nil for none.
    ///   - clock: Measures that time.
    public func chunks<ChunkClock: Clock>(
        maxBytes: Int = 64 << 10, heartbeat: Duration? = .seconds(15), clock: ChunkClock = ContinuousClock()
    ) -> DeliveryChunks where ChunkClock.Duration == Duration {
        var begin: (@Sendable () -> DeliveryChunks.Silence)?
        if let heartbeat { begin = { DeliveryChunks.silence(of: heartbeat, clock) } }
        return DeliveryChunks(source: self, maxBytes: maxBytes, silence: begin)
    }
}

/// A source's bytes, in chunks that are pulled; iterated once.
public struct DeliveryChunks: AsyncSequence, Sendable {
    /// Some bytes, at least one.
    public typealias Element = [UInt8]
    /// Nothing is thrown: a source ends.
    public typealias Failure = Never

    let source: any DeliverySource
    let maxBytes: Int
    /// Waits until nothing has been sent for too long, measured from when it is made; false when the waiting was cancelled.
    typealias Silence = @Sendable () async -> Bool
    /// Begins to measure a silence; nil where heartbeats are not wanted.
    let silence: (@Sendable () -> Silence)?

    fileprivate static func silence<ChunkClock: Clock>(of time: Duration, _ clock: ChunkClock) -> Silence
    where ChunkClock.Duration == Duration {
        let end = clock.now.advanced(by: time)
        // A clock's sleep ends early for one reason alone: the task was cancelled.
        return { (try? await clock.sleep(until: end, tolerance: nil)) != nil }
    }

    /// The only iteration.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Pulls chunks.
    public struct Iterator: AsyncIteratorProtocol {
        private let chunks: DeliveryChunks
        private let pump: ChunkPump
        // From the last chunk on, however often the source wakes us in vain.
        private var silence: Silence?

        init(_ chunks: DeliveryChunks) {
            self.chunks = chunks
            pump = ChunkPump(chunks.source)
        }

        /// The next chunk; nil at the end, and when the task is cancelled.
        public mutating func next() async -> [UInt8]? {
            silence = chunks.silence?()
            var isSilent = false
            while !Task.isCancelled {
                switch chunks.source.next(maxBytes: chunks.maxBytes) {
                case .piece(let piece): if !piece.range.isEmpty { return Array(piece.bytes) }
                case .end:
                    pump.end()
                    return nil
                case .wait:
                    // Pulled once more when the time is over: what the source passed over meanwhile is in its heartbeat.
                    guard isSilent else {
                        isSilent = await waitInSilence()
                        continue
                    }
                    if let piece = chunks.source.heartbeat(), !piece.range.isEmpty { return Array(piece.bytes) }
                    silence = chunks.silence?()
                    isSilent = false
                }
            }
            pump.end()
            return nil
        }

        /// The next chunk; the isolation is only for the sequence protocol's sake.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? { await next() }

        // Waits for the source or the heartbeat's time, and says whether it was the latter. Who asks pulls again either way, so nothing is missed.
        private func waitInSilence() async -> Bool {
            let pump = pump
            guard let silence else {
                await pump.wait()
                return false
            }
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await pump.wait()
                    return false
                }
                group.addTask { await silence() }
                let isSilent = await group.next() ?? false
                group.cancelAll()
                return isSilent
            }
        }
    }
}

/// Wakes the one who pulls a source, and ends the source when it is let go of.
private final class ChunkPump: Sendable {
    private let source: any DeliverySource
    private let signal = AppendSignal()
    private let own: AppendSubscription
    private let subscription: AppendSubscription

    init(_ source: any DeliverySource) {
        self.source = source
        let signal = signal
        own = signal.subscribe()
        subscription = source.signal.subscribe { signal.notify() }
        source.attach { signal.notify() }
    }

    deinit {
        source.end()
    }

    func wait() async { await own.wait() }
    func end() { source.end() }
}
