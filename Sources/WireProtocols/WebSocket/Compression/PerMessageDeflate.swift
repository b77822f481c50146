/// What the two ends agreed on about the compression of messages, permessage-deflate (RFC 7692 §7.1).
public struct PerMessageDeflate: Sendable, Hashable {
    /// Whether the server begins each message without the window of the ones before.
    public var serverNoContextTakeover: Bool
    /// Whether the client begins each message without the window of the ones before.
    public var clientNoContextTakeover: Bool
    /// The base-2 logarithm of the server's window, 8 … 15.
    public var serverMaxWindowBits: Int
    /// The base-2 logarithm of the client's window, 8 … 15.
    public var clientMaxWindowBits: Int

    /// The name by which the extension is negotiated.
    static let name = "permessage-deflate"

    /// An agreement from its parts; window bits are clamped to 8 … 15.
    public init(
        serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false,
        serverMaxWindowBits: Int = 15, clientMaxWindowBits: Int = 15
    ) {
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = min(max(serverMaxWindowBits, 8), 15)
        self.clientMaxWindowBits = min(max(clientMaxWindowBits, 8), 15)
    }

    /// Whether an end begins each message without the window of the ones before.
    public func noContextTakeover(of role: WebSocketRole) -> Bool {
        role == .client ? clientNoContextTakeover : serverNoContextTakeover
    }

    /// The base-2 logarithm of an end's window, 8 … 15.
    public func maxWindowBits(of role: WebSocketRole) -> Int {
        role == .client ? clientMaxWindowBits : serverMaxWindowBits
    }
}

/// The parameters of one offer or response of permessage-deflate, as they were written.
struct PerMessageDeflateParameters: Sendable, Hashable {
    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    var serverMaxWindowBits: Int?
    var clientMaxWindowBits: Int?
    /// Whether `client_max_window_bits` was there, with or without a value.
    var mentionsClientMaxWindowBits = false

    init() {}

    /// What is written, or nil when it is not allowed (RFC 7692 §7.1).
    ///
    /// That is unknown or repeated parameters, and values where none may be or that are no number from 8 to 15. In a response
    /// `client_max_window_bits` must have a value.
    init?(_ parameters: [WebSocketExtension.Parameter], isResponse: Bool) {
        var seen: Set<String> = []
        for parameter in parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch parameter.name {
            case "server_no_context_takeover":
                guard parameter.value == nil else { return nil }
                serverNoContextTakeover = true
            case "client_no_context_takeover":
                guard parameter.value == nil else { return nil }
                clientNoContextTakeover = true
            case "server_max_window_bits":
                guard let bits = PerMessageDeflateParameters.windowBits(parameter.value) else { return nil }
                serverMaxWindowBits = bits
            case "client_max_window_bits":
                mentionsClientMaxWindowBits = true
                guard isResponse || parameter.value != nil else { break }
                guard let bits = PerMessageDeflateParameters.windowBits(parameter.value) else { return nil }
                clientMaxWindowBits = bits
            default: return nil
            }
        }
    }

    private static func windowBits(_ value: String?) -> Int? {
        switch value {
        case "8": 8
        case "9": 9
        case "10": 10
        case "11": 11
        case "12": 12
        case "13": 13
        case "14": 14
        case "15": 15
        // No sign, no leading zeros (RFC 7692 §7.1.2).
        default: nil
        }
    }

    /// As it is written in the header field.
    var headerValue: String {
        var text = PerMessageDeflate.name
        if serverNoContextTakeover { text += "; server_no_context_takeover" }
        if clientNoContextTakeover { text += "; client_no_context_takeover" }
        if let serverMaxWindowBits { text += "; server_max_window_bits=\(serverMaxWindowBits)" }
        if let clientMaxWindowBits {
            text += "; client_max_window_bits=\(clientMaxWindowBits)"
        } else if mentionsClientMaxWindowBits {
            text += "; client_max_window_bits"
        }
        return text
    }
}
