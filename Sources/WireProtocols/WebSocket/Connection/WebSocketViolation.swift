/// How the peer broke the protocol or a limit: the code to close the connection with, and what it did.
public struct WebSocketViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// The code that the peer is told: 1002 for the protocol, 1007 for content, 1009 for sizes.
    public let code: WebSocketCloseCode
    /// What was wrong, in a sentence that holds nothing of the content.
    public let message: String

    /// A violation from its parts.
    public init(_ code: WebSocketCloseCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and sentence.
    public var description: String { "\(code): \(message)" }
}
