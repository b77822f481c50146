/// The name of somebody who appends to streams: 1 … 256 bytes of UTF-8.
public struct ProducerID: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The name.
    public let rawValue: String

    /// A producer's name, or nil when it is empty or longer than 256 bytes.
    public init?(rawValue: String) {
        guard (1...256).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }
}

/// Who appends, in which of its lives, and which of its appends it is.
///
/// A producer numbers its appends in each epoch from 0. A number that comes again with the same content is acknowledged and not written twice, so that an
/// append whose answer was lost can be repeated; an epoch smaller than the newest one is refused, so that a process that was
/// taken for dead cannot write beside its successor.
public struct ProducerStamp: Sendable, Hashable {
    /// The producer.
    public var id: ProducerID
    /// Its life, from ``EventLog/claim(_:in:)`` or of its own counting; a larger one fences the smaller ones.
    public var epoch: UInt64
    /// The number of the append within the epoch, counted from 0.
    public var sequence: UInt64

    /// A stamp from its parts.
    public init(id: ProducerID, epoch: UInt64, sequence: UInt64) {
        self.id = id
        self.epoch = epoch
        self.sequence = sequence
    }
}
