/// The header fields of the Durable Streams protocol 1.0 (durable-streams/durable-streams, PROTOCOL.md), in lower case.
public enum DurableStreamsField {
    /// Where to read on, or where the stream ends (§5).
    public static let nextOffset = "stream-next-offset"
    /// `true` where all that there was is in the answer (§5.6).
    public static let upToDate = "stream-up-to-date"
    /// `true` asks for a stream to be closed, or says that this is its end (§4.1).
    public static let closed = "stream-closed"
    /// What a client sends back as `cursor`, so that caches keep answers apart (§10.1).
    public static let cursor = "stream-cursor"
    /// A sliding lifetime in seconds (§5.1).
    public static let ttl = "stream-ttl"
    /// A fixed end of a stream's life, in the form of RFC 3339 (§5.1).
    public static let expiresAt = "stream-expires-at"
    /// A text that must rise from append to append (§5.2).
    public static let sequence = "stream-seq"
    /// The stream that is forked (§4.2).
    public static let forkedFrom = "stream-forked-from"
    /// Where the fork leaves its source (§4.2).
    public static let forkOffset = "stream-fork-offset"
    /// How many messages or bytes behind that the fork still has (§4.2).
    public static let forkSubOffset = "stream-fork-sub-offset"
    /// Who appends (§5.2.1).
    public static let producerID = "producer-id"
    /// In which of its lives (§5.2.1).
    public static let producerEpoch = "producer-epoch"
    /// The number of the append in that life (§5.2.1).
    public static let producerSequence = "producer-seq"
    /// The number that was expected (§5.2.1).
    public static let expectedSequence = "producer-expected-seq"
    /// The number that came instead (§5.2.1).
    public static let receivedSequence = "producer-received-seq"
    /// `base64` where the data events of a binary stream are encoded (§5.8).
    public static let dataEncoding = "stream-sse-data-encoding"
}
