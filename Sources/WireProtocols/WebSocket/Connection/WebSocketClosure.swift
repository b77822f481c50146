/// What a close frame says: a code and a reason (RFC 6455 §5.5.1).
public struct WebSocketClosure: Sendable, Hashable, CustomStringConvertible {
    /// Why; ``WebSocketCloseCode/noStatusReceived`` when the frame was empty.
    public var code: WebSocketCloseCode
    /// A text for whoever looks for a fault, not for a reader: at most 123 bytes of UTF-8 are sent of it, whole characters.
    public var reason: String

    /// The largest number of bytes of a reason: a control frame holds 125, of which the code takes two.
    public static let reasonLimit = 123

    /// A closure from its parts.
    public init(_ code: WebSocketCloseCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// The code, and the reason when there is one.
    public var description: String { reason.isEmpty ? "\(code)" : "\(code) (\(reason))" }

    /// The payload of a close frame: empty for ``WebSocketCloseCode/noStatusReceived``, with 1011 for a code that may not be sent.
    var payload: [UInt8] {
        guard code != .noStatusReceived else { return [] }
        let code = code.mayBeSent ? code : .internalError
        var bytes = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason {
            guard bytes.count + character.utf8.count <= 2 + WebSocketClosure.reasonLimit else { break }
            bytes += character.utf8
        }
        return bytes
    }

    /// What a payload of a close frame says.
    ///
    /// - Throws: ``WebSocketViolation`` for a payload of one byte, a code that may not stand in a frame, and a reason that is not UTF-8.
    init(payload: [UInt8]) throws(WebSocketViolation) {
        guard !payload.isEmpty else {
            self.init(.noStatusReceived)
            return
        }
        guard payload.count >= 2 else {
            throw WebSocketViolation(.protocolError, "a close frame has one byte, which is no code")
        }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else {
            throw WebSocketViolation(.protocolError, "a close frame has the code \(code), which may not be sent")
        }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw WebSocketViolation(.invalidPayload, "the reason of a close frame is not UTF-8")
        }
        self.init(code, reason: reason)
    }
}
