/// What a handshake came to.
public struct WebSocketAgreement: Sendable, Hashable {
    /// The subprotocol that the server chose of those that the client offered; nil for none.
    public var subprotocol: String?
    /// How messages are compressed; nil for not at all.
    public var deflate: PerMessageDeflate?

    /// An agreement from its parts.
    public init(subprotocol: String? = nil, deflate: PerMessageDeflate? = nil) {
        self.subprotocol = subprotocol
        self.deflate = deflate
    }
}

/// Why a handshake failed; it holds nothing that the other side sent but names of subprotocols and status codes.
public struct WebSocketHandshakeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with a handshake; codes may be added.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, in lower camel case.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// The server answered with another status than 101.
        public static let notSwitched = Code(rawValue: "notSwitched")
        /// `upgrade: websocket` or `connection: upgrade` is missing.
        public static let noUpgrade = Code(rawValue: "noUpgrade")
        /// `sec-websocket-accept` is not the answer to the client's key: no WebSocket server, or a cache in between.
        public static let wrongAccept = Code(rawValue: "wrongAccept")
        /// The server chose a subprotocol that was not offered.
        public static let unknownSubprotocol = Code(rawValue: "unknownSubprotocol")
        /// The server uses an extension that was not offered, or with parameters that do not answer the offer.
        public static let unknownExtension = Code(rawValue: "unknownExtension")
        /// A subprotocol's name is no token, or is offered twice.
        public static let invalidSubprotocol = Code(rawValue: "invalidSubprotocol")
        /// The client's key is not 16 bytes in base64.
        public static let invalidKey = Code(rawValue: "invalidKey")
        /// The client asks with another method than `GET`.
        public static let wrongMethod = Code(rawValue: "wrongMethod")
        /// The client asks for another version of WebSocket than 13.
        public static let unsupportedVersion = Code(rawValue: "unsupportedVersion")
    }

    /// What is wrong.
    public let code: Code
    /// What is wrong, in a sentence.
    public let message: String

    /// An error from its parts.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and sentence.
    public var description: String { "\(code): \(message)" }

    /// The status with which a server refuses the request (RFC 6455 §4.2.2); with 426 it sends `sec-websocket-version: 13`.
    public var status: Int {
        switch code {
        case .wrongMethod: 405
        case .unsupportedVersion, .noUpgrade: 426
        default: 400
        }
    }
}

extension HeaderFields {
    /// Whether one of the comma-separated elements of the fields named `name` is `token`, compared without case.
    func lists(_ token: String, in name: String) -> Bool {
        values(of: name).contains { value in
            value.split(separator: ",").contains { HeaderField.trimmed(String($0)).lowercased() == token }
        }
    }
}
