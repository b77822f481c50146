public import StreamCore

/// What a PUT of a stream asks for besides its body (§4.2, §5.1), as its header fields say.
public struct DurableStreamsCreation: Sendable, Hashable {
    /// When the stream ends by itself.
    public enum Lifetime: Sendable, Hashable {
        /// So many seconds after its last use.
        case ttl(seconds: UInt64)
        /// At a fixed time.
        case until(Timestamp)
    }

    /// Where a fork begins.
    public struct Fork: Sendable, Hashable {
        /// The path of the source's URL, as it was sent.
        public var source: String
        /// The last event that both share; nil for the source's newest.
        public var offset: Offset?
        /// How many messages (JSON) or bytes (else) behind that the fork has as well.
        public var subOffset: UInt64

        /// A fork from its parts.
        public init(source: String, offset: Offset? = nil, subOffset: UInt64 = 0) {
            self.source = source
            self.offset = offset
            self.subOffset = subOffset
        }
    }

    /// The media type of the stream, with its parameters; nil for the default, or for the source's where it is a fork.
    public var contentType: String?
    /// When the stream ends by itself; nil for never, or as its source where it is a fork.
    public var lifetime: Lifetime?
    /// Whether the stream is complete with its body.
    public var isClosed: Bool
    /// Where it begins, for a fork.
    public var fork: Fork?

    /// What is asked for, from its parts.
    public init(contentType: String? = nil, lifetime: Lifetime? = nil, isClosed: Bool = false, fork: Fork? = nil) {
        self.contentType = contentType
        self.lifetime = lifetime
        self.isClosed = isClosed
        self.fork = fork
    }

    /// Reads the header fields of a request.
    ///
    /// - Throws: ``DurableStreamsViolation`` for values that the protocol does not allow, and for a lifetime that is given twice.
    public init(headers: HeaderFields) throws(DurableStreamsViolation) {
        contentType = headers.mediaType == nil ? nil : headers["content-type"]
        isClosed = headers.isTrue(DurableStreamsField.closed)
        lifetime = try DurableStreamsCreation.lifetime(headers)
        fork = try DurableStreamsCreation.fork(headers)
    }

    private static func lifetime(_ headers: HeaderFields) throws(DurableStreamsViolation) -> Lifetime? {
        let (ttl, end) = (headers[DurableStreamsField.ttl], headers[DurableStreamsField.expiresAt])
        guard ttl == nil || end == nil else {
            throw DurableStreamsViolation(
                DurableStreamsField.ttl, "'\(DurableStreamsField.expiresAt)' is there as well; give one of them")
        }
        if let ttl { return .ttl(seconds: try DurableStreamsNumber.parse(ttl, DurableStreamsField.ttl)) }
        guard let end else { return nil }
        guard let time = InternetDate.parse(end) else {
            throw DurableStreamsViolation(
                DurableStreamsField.expiresAt,
                "it must be a time as 2026-01-31T12:00:00Z (RFC 3339), not '\(end.prefix(40))'")
        }
        return .until(time)
    }

    private static func fork(_ headers: HeaderFields) throws(DurableStreamsViolation) -> Fork? {
        let (offset, subOffset) = (headers[DurableStreamsField.forkOffset], headers[DurableStreamsField.forkSubOffset])
        guard let source = headers[DurableStreamsField.forkedFrom] else {
            if offset == nil, subOffset == nil { return nil }
            throw DurableStreamsViolation(
                offset == nil ? DurableStreamsField.forkSubOffset : DurableStreamsField.forkOffset,
                "it needs '\(DurableStreamsField.forkedFrom)'")
        }
        var fork = Fork(source: source)
        if let offset {
            fork.offset = try forkOffset(offset)
        }
        if let subOffset {
            fork.subOffset = try DurableStreamsNumber.parse(subOffset, DurableStreamsField.forkSubOffset)
        }
        return fork
    }

    private static func forkOffset(_ text: String) throws(DurableStreamsViolation) -> Offset {
        // Offsets are the server's own; but the beginning is also known as -1, and as the zeros that the reference server and the
        // conformance suite write for it.
        if text == "-1" || text == "0000000000000000_0000000000000000" { return .start }
        guard let offset = Offset(text) else {
            throw DurableStreamsViolation(
                DurableStreamsField.forkOffset,
                "it must be what 'Stream-Next-Offset' said, not '\(text.prefix(40))'")
        }
        return offset
    }
}

extension HeaderFields {
    /// Whether a field is `true`, in any case; every other value counts as if it were not there (§4.1).
    package func isTrue(_ name: String) -> Bool {
        self[name]?.lowercased() == "true"
    }
}
