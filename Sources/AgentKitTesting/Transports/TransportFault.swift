public import StreamTransport

/// Something that a ``FaultInjectingTransport`` does to an exchange.
///
/// Faults of one exchange are applied in the order in which they stand; positions count the bytes of the body from 0, as they are before
/// the fault.
public struct TransportFault: Sendable {
    enum Kind: Sendable {
        case connectFailure
        case status(Int)
        case cut(Int, TransportError.Code?)
        case stall(Int)
        case corrupt(Int, UInt8)
        case rechunk(Int)
        case slow(Int, Duration)
    }

    let kind: Kind

    /// The request fails with `connectionFailed`, before it is sent.
    public static let connectFailure = TransportFault(kind: .connectFailure)

    /// The response has this status; its fields and its body stay.
    public static func status(_ status: Int) -> TransportFault { TransportFault(kind: .status(status)) }

    /// The body fails with an error of this code after `byte` bytes.
    public static func cut(after byte: Int, code: TransportError.Code = .connectionLost) -> TransportFault {
        TransportFault(kind: .cut(max(0, byte), code))
    }

    /// The body ends after `byte` bytes as if it were complete.
    public static func end(after byte: Int) -> TransportFault { TransportFault(kind: .cut(max(0, byte), nil)) }

    /// Nothing comes after `byte` bytes, until the reader cancels or its idle timeout has passed on the transport's clock.
    public static func stall(after byte: Int) -> TransportFault { TransportFault(kind: .stall(max(0, byte))) }

    /// The bits of `mask` are flipped in the byte at `position`.
    public static func corrupt(at position: Int, mask: UInt8 = 0xFF) -> TransportFault {
        TransportFault(kind: .corrupt(position, mask))
    }

    /// The body comes in chunks of `size` bytes, however it came; the last one may be shorter.
    public static func rechunk(_ size: Int) -> TransportFault { TransportFault(kind: .rechunk(max(1, size))) }

    /// The body comes in chunks of at most `size` bytes, before each of which `delay` passes on the transport's clock.
    public static func slow(_ size: Int, every delay: Duration) -> TransportFault {
        TransportFault(kind: .slow(max(1, size), delay))
    }
}
