/// An incremental parser of event streams: bytes in, in chunks of any size; events out.
///
/// It follows WHATWG HTML §9.2.5 and §9.2.6 to the letter, and its output does not depend on where chunks are cut:
///
/// - Lines end in CR, LF or CRLF, and in nothing else. One leading byte order mark is dropped.
/// - An event is dispatched by the empty line after it. What has no such line when the stream ends is discarded, and so is its `id`.
/// - An `id` counts once its block has ended, whether or not the block has data; an `id` with a NUL is ignored.
/// - `retry` is ASCII digits only, and counts at the end of its line.
/// - Invalid UTF-8 becomes U+FFFD in owned events.
///
/// It does no I/O and is a value: a copy is an independent parser in the same state.
///
///     var parser = ServerSentEventParser()
///     var events: [ServerSentEvent] = []
///     for chunk in chunks {
///         try parser.parse(chunk, into: &events)
///     }
///
/// ``next(from:)`` is the form for hot paths: it hands out one event at a time, whose bytes lie in the chunk, and allocates nothing.
///
/// A stream beyond the limits makes the parser fail for good. Events before that are given out first.
public struct ServerSentEventParser: Sendable {
    /// How far a line has been read, which is what must be known when a chunk ends within it.
    enum Place: UInt8, Sendable {
        /// Nothing has been read but, perhaps, a part of a byte order mark.
        case streamStart
        case lineStart
        /// At the start of a line, after a CR whose LF may still come.
        case afterCarriageReturn
        case fieldName
        /// After the colon: one space is not part of the value.
        case valueStart
        case value
        /// Within a comment or the rest of a line that means nothing.
        case ignored
    }

    /// The fields that mean something.
    enum Field: UInt8, Sendable {
        case data
        case event
        case id
        case retry
    }

    /// How much the parser accepts.
    public let limits: ServerSentEventLimits

    /// How many bytes of the stream have been read.
    public internal(set) var position: Int64 = 0

    /// How many comment lines have begun, wrapping around: servers send them to show that they are alive.
    ///
    /// Together with ``position`` it tells a connection that is kept alive from one that is silent.
    public internal(set) var commentCount = 0

    // The line that is being read.
    var place = Place.streamStart
    var byteOrderMarkCount = 0
    /// The name's first bytes, the first in the lowest place; no field that means something has more than five.
    var fieldName: UInt64 = 0
    var fieldNameCount = 0
    var field = Field.data
    var valueCount = 0
    var partialID = ByteStore()
    var partialIDHasNUL = false
    var partialRetry: Int64? = 0

    // The block that is being read.
    var hasData = false
    var data = ByteStore()
    var hasType = false
    var hasPendingID = false
    var pendingID = ByteStore()

    // What outlives a block.
    /// The last `event` line, and the line feed after it: most events have the name of the one before.
    var typeLine = ByteStore()
    var typeLineIsWhole = false
    /// Where in `typeLine` the name begins.
    var typeOffset = 0
    /// The name in `typeLine`, once an owned event needed it.
    var typeText: String?
    var id = ByteStore()
    /// `id` as text, once an owned event needed it.
    var idText: String?
    var reconnectionMilliseconds: Int64?
    var failure: ServerSentEventError?

    /// A parser at the start of a stream.
    ///
    /// - Parameters:
    ///   - lastEventID: Where an earlier connection left the stream: the value of the `Last-Event-ID` that was sent.
    ///   - limits: How much is accepted.
    public init(lastEventID: String = "", limits: ServerSentEventLimits = .default) {
        self.limits = limits
        var text = lastEventID
        text.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            if let start = bytes.baseAddress { id.append(start, count: bytes.count) }
        }
        idText = text
    }

    /// Where the stream is, for the `Last-Event-ID` of the next connection: the last `id` of a block that has ended, `""` when there was none.
    public var lastEventID: String {
        idText ?? String(repairing: id.bytes)
    }

    /// How long the server asks clients to wait before they connect again; nil when it did not say.
    ///
    /// At most 2⁵³ − 1 milliseconds: what is larger counts as that.
    public var reconnectionTime: Duration? {
        reconnectionMilliseconds.map { .milliseconds($0) }
    }

    /// Whether the stream stands within a block or a line: if it ends here, something is discarded.
    ///
    /// Comments and the start of a byte order mark do not count.
    public var isWithinBlock: Bool {
        hasData || hasType || hasPendingID || place == .fieldName || place == .valueStart || place == .value
    }

    /// Prepares for the body of another connection to the same stream.
    ///
    /// The pending block is discarded and a failure forgotten; ``lastEventID``, ``reconnectionTime`` and ``commentCount`` stay, and ``position``
    /// starts at 0.
    public mutating func startNewConnection() {
        place = .streamStart
        byteOrderMarkCount = 0
        hasData = false
        hasType = false
        hasPendingID = false
        position = 0
        failure = nil
    }
}
