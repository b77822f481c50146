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
/// Chunks are pulled one at a time, when the events of the one before have been taken, and events are read from the chunk as they are asked
/// for: nothing runs beside the consumer, and nothing but one chunk and the event that it leaves incomplete is held. A block that is not complete when the bytes end is discarded, as the
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
        @usableFromInline var base: Base.AsyncIterator
        @usableFromInline var reading: ChunkReading
        @usableFromInline var hasEnded = false

        fileprivate init(base: Base.AsyncIterator, parser: ServerSentEventParser) {
            self.base = base
            reading = ChunkReading(parser: parser)
        }

        /// How long the server asks clients to wait before they connect again; nil when it did not say.
        public var reconnectionTime: Duration? { reading.parser.reconnectionTime }

        /// Where the stream is: the id of the last block that has ended, up to and with the event that was taken last.
        public var lastEventID: String { reading.parser.lastEventID }

        /// How many comment lines have begun, up to the event that was taken last: servers send them to show that they are alive.
        public var commentCount: Int { reading.parser.commentCount }

        /// Whether the bytes have ended within a block, which was discarded.
        public var endedWithinBlock: Bool { hasEnded && reading.parser.isWithinBlock }

        /// The next event, or nil after the last.
        ///
        /// - Throws: The error of the bytes, or that of a limit, after the events before it. It is thrown once; then there is nil.
        @inlinable
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ServerSentEventStreamError<Base.Failure>) -> ServerSentEvent? {
            while !hasEnded {
                do {
                    if let event = try reading.next() { return event }
                } catch {
                    hasEnded = true
                    throw .parsing(error)
                }
                do {
                    guard let chunk = try await base.next(isolation: actor) else {
                        hasEnded = true
                        return nil
                    }
                    // An array is taken as it is; the bytes of other types are copied.
                    reading.begin([UInt8](chunk))
                } catch {
                    hasEnded = true
                    throw .source(error)
                }
            }
            return nil
        }
    }
}

/// A parser within a chunk: the events that are left in it are read as they are asked for.
@usableFromInline
struct ChunkReading: Sendable {
    fileprivate(set) var parser: ServerSentEventParser
    private var chunk: [UInt8] = []
    private var readCount = 0

    fileprivate init(parser: ServerSentEventParser) {
        self.parser = parser
    }

    /// Goes on to the chunk after the one that has been read.
    @usableFromInline
    mutating func begin(_ chunk: [UInt8]) {
        self.chunk = chunk
        readCount = 0
    }

    /// The next event in the chunk, or nil when all of it has been read.
    @usableFromInline
    mutating func next() throws(ServerSentEventError) -> ServerSentEvent? {
        guard readCount < chunk.count else { return nil }
        let result = chunk.withUnsafeBytes { bytes -> Result<ServerSentEvent?, ServerSentEventError> in
            var rest = UnsafeRawBufferPointer(rebasing: bytes[readCount...])
            defer { readCount = bytes.count - rest.count }
            do throws(ServerSentEventError) {
                return .success(try parser.nextEvent(from: &rest))
            } catch {
                return .failure(error)
            }
        }
        let event = try result.get()
        if event == nil { chunk = [] }
        return event
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
