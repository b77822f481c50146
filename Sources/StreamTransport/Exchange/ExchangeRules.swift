package import WireProtocols

extension ExchangeRequest {
    /// Checks what every transport refuses to send, and returns the URL in parts.
    ///
    /// - Throws: `TransportError` with the code `invalidRequest`.
    package func checkedURL() throws(TransportError) -> AbsoluteURL {
        guard let parts = AbsoluteURL(url), parts.scheme == "http" || parts.scheme == "https" else {
            throw TransportError(
                .invalidRequest, "'\(redactedURL)' is no absolute http or https URL, percent-encoded where needed")
        }
        guard parts.userInfo == nil else {
            throw TransportError(
                .invalidRequest, "the URL '\(redactedURL)' holds a user: send an authorization field instead")
        }
        guard HeaderField.isToken(method) else {
            throw TransportError(.invalidRequest, "the method of a request is a token (RFC 9110 §9.1)")
        }
        for name in ["content-length", "transfer-encoding"] where headers.contains(name: name) {
            throw TransportError(.invalidRequest, "leave '\(name)' out: the transport frames the body")
        }
        return parts
    }
}

extension ExchangeResponseHead {
    /// The number of bytes that the body must have, or nil when its end tells itself.
    ///
    /// - Throws: `TransportError` with the code `malformedResponse` when a `content-length` is no number, or there are several (RFC
    ///   9112 §6.3).
    package func bodyLength(method: String) throws(TransportError) -> Int? {
        if method == "HEAD" || status == 204 || status == 304 { return 0 }
        // Decoded bodies have another length than they were sent with.
        if headers.contains(name: "transfer-encoding") || headers.contains(name: "content-encoding") { return nil }
        var length: Int?
        for text in headers.values(of: "content-length").flatMap({ $0.split(separator: ",") }) {
            let digits = text.utf8.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 }
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(Substring(digits)),
                length ?? number == number
            else {
                throw TransportError(
                    .malformedResponse, "the response's content-length is not one number (RFC 9112 §6.3)")
            }
            length = number
        }
        return length
    }
}
