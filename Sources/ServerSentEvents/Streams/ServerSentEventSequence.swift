/// Why a sequence of events ended early: its bytes did, or they are more than the limits allow.
public enum ServerSentEventStreamError<SourceFailure: Error>: Error {
    /// The sequence of bytes failed, with its own error.
    case source(SourceFailure)
    /// A line or an event went beyond its limit.
    case parsing(ServerSentEventError)
}

extension ServerSentEventStreamError: Equatable where SourceFailure: Equatable {}

/// The events of a sequence of chunks of bytes, in whatever sizes they come.
///
/// Chunks are pulled one at a time, when the events of the one before have been taken: nothing runs beside the consumer,
/// and nothing but one chunk's events is held. A block that is not complete when the bytes end is discarded, as the
/// specification asks; whether there was one is ``Iterator/endedWithinBlock``.
///
///     for try await event in response.body.serverSentEvents {
///         print(event.type, event.data)
///     }
public struct ServerSentEventSequence<Base: AsyncSequence>: AsyncSequence where Base.Element: Sequence<UInt8> {
    /// An event that owns its text.
    public typealias Element = ServerSentEvent
    /// The error of the bytes, or that of a limit; after either the sequence has ended.
    public typealias Failure = ServerSentEventStreamError<Base.Failure>

    private let base: Base
    private let parser: ServerSentEventParser

    /// The events of `base`.
    ///
    /// - Parameters:
    ///   - base: Chunks of bytes; empty ones do no harm.
    ///   - lastEventID: Where an earlier connection left the stream.
    ///   - limits: How much is accepted.
    public init(_ base: Base, lastEventID: String = "", limits: ServerSentEventLimits = .default) {
        self.base = base
        parser = ServerSentEventParser(lastEventID: lastEventID, limits: limits)
    }

    /// An iterator over a new iteration of the bytes.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), parser: parser)
    }

    /// Pulls chunks and hands out their events.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: Base.AsyncIterator
        private var parser: ServerSentEventParser
        private var events: [ServerSentEvent] = []
        private var taken = 0
        private var failure: ServerSentEventError?
        private var hasEnded = false

        fileprivate init(base: Base.AsyncIterator, parser: ServerSentEventParser) {
            self.base = base
            self.parser = parser
        }

        /// How long the server asks clients to wait before they connect again, as far as chunks were pulled; nil when it did not say.
        public var reconnectionTime: Duration? { parser.reconnectionTime }

        /// The id of the last block that has ended, as far as chunks were pulled; events that were pulled but not yet taken count.
        public var lastEventID: String { parser.lastEventID }

        /// Whether the bytes have ended within a block, which was discarded.
        public var endedWithinBlock: Bool { hasEnded && parser.isWithinBlock }

        /// The next event, or nil after the last.
        ///
        /// - Throws: The error of the bytes, or that of a limit, after the events before it. It is thrown once; then there is nil.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ServerSentEventStreamError<Base.Failure>) -> ServerSentEvent? {
            while taken == events.count {
                if let failure {
                    self.failure = nil
                    throw .parsing(failure)
                }
                guard !hasEnded else { return nil }
                try await pull(isolation: actor)
            }
            defer { taken += 1 }
            return events[taken]
        }

        /// Replaces the events by those of the next chunk.
        private mutating func pull(
            isolation actor: isolated (any Actor)?
        ) async throws(ServerSentEventStreamError<Base.Failure>) {
            events.removeAll(keepingCapacity: true)
            taken = 0
            let chunk: Base.Element?
            do {
                chunk = try await base.next(isolation: actor)
            } catch {
                hasEnded = true
                throw .source(error)
            }
            guard let chunk else {
                hasEnded = true
                return
            }
            do {
                try parser.parse(chunk, into: &events)
            } catch {
                hasEnded = true
                failure = error
            }
        }
    }
}

extension ServerSentEventSequence: Sendable where Base: Sendable {}

extension AsyncSequence where Element: Sequence<UInt8> {
    /// The events of these bytes, within the default limits.
    public var serverSentEvents: ServerSentEventSequence<Self> {
        ServerSentEventSequence(self)
    }

    /// The events of these bytes.
    ///
    /// - Parameters:
    ///   - lastEventID: Where an earlier connection left the stream.
    ///   - limits: How much is accepted.
    public func serverSentEvents(
        lastEventID: String = "", limits: ServerSentEventLimits
    ) -> ServerSentEventSequence<Self> {
        ServerSentEventSequence(self, lastEventID: lastEventID, limits: limits)
    }
}
