import Foundation
import StreamTransport
import WireProtocols

extension TransportError {
    static func truncated(_ name: String, received: Int, expected: Int?) -> TransportError {
        let length = expected.map { " of \($0)" } ?? ""
        return TransportError(
            .truncatedBody,
            "the connection of \(name) ended after \(received)\(length) bytes of the body: it is not whole")
    }

    /// What an error of URLSession means for an exchange.
    ///
    /// On Linux the code alone says little: much of what libcurl tells apart arrives as `unknown`, and the answer of a server
    /// that does not speak HTTP as `unsupportedURL`. There the text of libcurl decides, and where that is unknown too, how far the
    /// exchange had come.
    init(_ error: any Error, of name: String, head: ExchangeResponseHead?, received: Int, expected: Int?) {
        let code = (error as? URLError)?.code ?? .unknown
        let text = (error as? URLError)?.localizedDescription ?? "\(error)"
        let kind = TransportError.kind(code, text: text, hasHead: head != nil)
        if kind == .truncatedBody
            || kind == .connectionLost && expected.map({ received < $0 }) ?? false && text.contains("closed")
        {
            self = .truncated(name, received: received, expected: expected)
            return
        }
        self.init(kind, "\(name): \(text)", underlying: error)
    }

    private static func kind(_ code: URLError.Code, text: String, hasHead: Bool) -> Code {
        switch code {
        case .cancelled: return .cancelled
        case .cannotFindHost, .cannotConnectToHost, .dnsLookupFailed, .notConnectedToInternet: return .connectionFailed
        case .networkConnectionLost: return .connectionLost
        // "Empty reply": the server closed the connection instead of answering.
        case .badServerResponse: return hasHead ? .malformedResponse : .connectionLost
        case .timedOut: return hasHead ? .idleTimeout : .connectTimeout
        case .badURL: return .invalidRequest
        case .unsupportedURL, .cannotParseResponse, .cannotDecodeRawData, .cannotDecodeContentData:
            return .malformedResponse
        case .dataLengthExceedsMaximum: return .headTooLarge
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired, .appTransportSecurityRequiresSecureConnection:
            return .tlsFailed
        default: return kind(text: text.lowercased(), hasHead: hasHead)
        }
    }

    private static func kind(text: String, hasHead: Bool) -> Code {
        func says(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
        if says("transfer closed", "end of response") { return .truncatedBody }
        if !hasHead, says("too large response headers", "out of memory", "giant realloc") { return .headTooLarge }
        if says("chunk", "content-length", "unencoding", "http/0.9", "http version", "weird server", "header") {
            return .malformedResponse
        }
        if says("ssl", "tls", "certificate") { return .tlsFailed }
        if says("recv failure", "send failure", "connection died", "reset", "broken pipe") { return .connectionLost }
        if !hasHead, says("connect", "resolve") { return .connectionFailed }
        return .other
    }
}
