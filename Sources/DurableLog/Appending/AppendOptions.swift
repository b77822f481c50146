public import StreamCore

/// How an append is done.
public struct AppendOptions: Sendable, Hashable {
    /// What the events must survive before the append returns.
    public var durability: Durability
    /// Who appends, for fencing and repetition; nil appends unconditionally.
    public var producer: ProducerStamp?
    /// Whether the stream is closed with the batch, in the same step.
    public var closes: Bool
    /// A text that must sort bytewise after that of the stream's last append that had one (Durable Streams `Stream-Seq`).
    public var sequence: String?
    /// The media type that the appender believes the stream to have; nil does not check.
    public var contentType: String?

    /// Options from their parts.
    public init(
        durability: Durability = .buffered, producer: ProducerStamp? = nil, closes: Bool = false,
        sequence: String? = nil,
        contentType: String? = nil
    ) {
        self.durability = durability
        self.producer = producer
        self.closes = closes
        self.sequence = sequence
        self.contentType = contentType
    }
}

/// What an event survives once its append has returned.
public enum Durability: Sendable, Hashable {
    /// The end of the process, by `kill -9` too.
    case buffered
    /// The end of the machine: power loss, a crash of the kernel. Events that were appended before are then as durable.
    case synced
}

/// What became of an append.
public struct AppendResult: Sendable, Hashable {
    /// The offset of the batch's last event; of an empty batch, the stream's tail.
    public var last: Offset
    /// Whether the batch had been appended before, under the same producer, epoch and sequence number: nothing was written.
    public var isDuplicate: Bool
    /// The largest number that was taken from the producer in its epoch, this append's included; nil where no producer appended.
    public var producerSequence: UInt64?

    /// A result from its parts.
    public init(last: Offset, isDuplicate: Bool = false, producerSequence: UInt64? = nil) {
        self.last = last
        self.isDuplicate = isDuplicate
        self.producerSequence = producerSequence
    }
}
