public import StreamCore
import WireProtocols

/// What one read of a Durable Streams server brought.
public struct DurableStreamsBatch: Sendable, Hashable {
    /// The bytes, as the stream holds them; of a JSON stream, an array of its messages.
    public var bytes: [UInt8]
    /// Where to read on; opaque, of the server's own form.
    public var nextOffset: String
    /// Whether nothing more was there.
    public var isUpToDate: Bool
    /// Whether nothing will ever follow.
    public var isClosed: Bool

    /// A batch from its parts.
    public init(bytes: [UInt8], nextOffset: String, isUpToDate: Bool, isClosed: Bool) {
        self.bytes = bytes
        self.nextOffset = nextOffset
        self.isUpToDate = isUpToDate
        self.isClosed = isClosed
    }

    /// The messages of a JSON stream.
    ///
    /// - Throws: `JSONError` when the bytes are no JSON.
    public func messages() throws(JSONError) -> [JSONValue] {
        if bytes.isEmpty { return [] }
        let value = try JSONValue(parsing: bytes)
        if case .array(let messages) = value { return messages }
        return [value]
    }
}

/// What is known of a stream after it was made, asked about, or appended to.
public struct DurableStreamsState: Sendable, Hashable {
    /// Where the stream ends; opaque.
    public var nextOffset: String
    /// Whether nothing will follow.
    public var isClosed: Bool
    /// What it holds; nil where the answer did not say.
    public var contentType: String?
    /// Whether something was made or appended, and not found as it was asked for.
    public var isNew: Bool

    init(_ head: ExchangeResponseHead, isNew: Bool) throws(DurableStreamsClientError) {
        guard let offset = head.headers[DurableStreamsField.nextOffset] else {
            throw DurableStreamsClientError(
                .malformedResponse, "the answer has no '\(DurableStreamsField.nextOffset)'", response: head)
        }
        nextOffset = offset
        isClosed = head.headers.isTrue(DurableStreamsField.closed)
        contentType = head.headers["content-type"]
        self.isNew = isNew
    }
}
