public import DurableLog

/// Bytes on their way to a reader, pulled without waiting: what a host writes to the connection, one piece behind the other.
///
/// A host loops over ``next(maxBytes:)`` while the connection takes bytes, and again when ``signal`` or its `onReady` told it that there may be
/// more. So a slow reader holds no buffer: it is pulled less often. One caller at a time pulls; everything else may be called from any thread.
///
/// On SwiftNIO, `NIODelivery` does all of this; elsewhere ``DeliverySource/chunks(maxBytes:heartbeat:clock:)`` makes an async sequence of it.
public protocol DeliverySource: AnyObject, Sendable {
    /// Notified when sources that share it may have more: one notification for all readers of a stream, however many.
    var signal: AppendSignal { get }

    /// Has `onReady` called when this very source may have more, or has ended; at once when that is so already.
    ///
    /// It is called on any thread, must return at once and must not pull. Called once, before the first pull.
    func attach(onReady: @escaping @Sendable () -> Void)

    /// The next piece, at most `maxBytes` long where it can be cut, or what to do instead.
    func next(maxBytes: Int) -> DeliveryPull

    /// What to send when nothing was sent for a while, so that the peer and what stands between know that it is alive; nil for nothing.
    func heartbeat() -> DeliveryPiece?

    /// The last piece was written, or the peer has gone: nothing more will be pulled. Calling it again changes nothing.
    func end()

    /// As ``end()``, by a host that knows why, for the instrumentation.
    func end(_ reason: DeliveryEnding)
}

extension DeliverySource {
    /// As ``end()``: who reports nothing needs no reason.
    public func end(_ reason: DeliveryEnding) { end() }
}

/// Why a delivery is over, as an open-ended word.
public struct DeliveryEnding: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The word.
    public let rawValue: String

    /// A reason from its word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The word.
    public var description: String { rawValue }

    /// The stream is closed, and everything was sent.
    public static let finished = DeliveryEnding(rawValue: "finished")
    /// The peer has left.
    public static let departed = DeliveryEnding(rawValue: "departed")
    /// The peer took nothing for too long.
    public static let stalled = DeliveryEnding(rawValue: "stalled")
    /// The stream was deleted.
    public static let deleted = DeliveryEnding(rawValue: "deleted")
    /// The log could not be read.
    public static let failed = DeliveryEnding(rawValue: "failed")
    /// The server goes down, and the reader was told to come again.
    public static let drained = DeliveryEnding(rawValue: "drained")
    /// The reader's credential was revoked.
    public static let revoked = DeliveryEnding(rawValue: "revoked")
    /// The peer sent what it may not.
    public static let refused = DeliveryEnding(rawValue: "refused")
}

/// What a pull came to.
public enum DeliveryPull: Sendable {
    /// Bytes to write.
    case piece(DeliveryPiece)
    /// Nothing for now: wait for the signal or `onReady`.
    case wait
    /// Nothing will follow: end the body, or close the connection.
    case end
}

/// A stretch of bytes that others may be sent as well.
public struct DeliveryPiece: Sendable {
    /// The bytes of which it is a part.
    public let shared: SharedBytes
    /// Which of them.
    public let range: Range<Int>

    /// A piece of shared bytes.
    public init(_ shared: SharedBytes, _ range: Range<Int>) {
        self.shared = shared
        self.range = range
    }

    /// A piece of bytes that nobody else is sent.
    public init(_ bytes: [UInt8]) {
        shared = SharedBytes(bytes)
        range = 0..<bytes.count
    }

    /// The bytes themselves.
    public var bytes: ArraySlice<UInt8> { shared.bytes[range] }
}
