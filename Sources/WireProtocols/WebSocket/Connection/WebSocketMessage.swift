/// One message of a WebSocket (RFC 6455 §5.6), put together from its fragments and decompressed.
public enum WebSocketMessage: Sendable, Hashable {
    /// A text message; on the wire it is UTF-8.
    case text(String)
    /// A binary message.
    case binary([UInt8])

    /// The number of bytes of the message, for text of its UTF-8.
    public var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}
