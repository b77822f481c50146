import Foundation
import StreamTransport
import WireProtocols

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension URLRequest {
    /// The request in Foundation's form.
    init(_ request: ExchangeRequest) throws(TransportError) {
        guard let url = URL(string: request.url, encodingInvalidCharacters: false),
            let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            !(url.host() ?? "").isEmpty
        else {
            throw TransportError(
                .invalidRequest,
                "'\(request.redactedURL)' is no absolute http or https URL, percent-encoded where needed")
        }
        guard url.user == nil, url.password == nil else {
            throw TransportError(
                .invalidRequest, "the URL '\(request.redactedURL)' holds a user: send an authorization field instead")
        }
        guard HeaderField.isToken(request.method) else {
            throw TransportError(.invalidRequest, "the method of a request is a token (RFC 9110 §9.1)")
        }
        for name in ["content-length", "transfer-encoding"] where request.headers.contains(name: name) {
            throw TransportError(.invalidRequest, "leave '\(name)' out: the transport frames the body")
        }
        // The transport has timers of its own, and those of URLSession must not come before them.
        self.init(url: url, cachePolicy: .reloadIgnoringLocalAndRemoteCacheData, timeoutInterval: 7 * 86_400)
        httpMethod = request.method
        httpShouldHandleCookies = false
        if !request.body.isEmpty { httpBody = Data(request.body) }
        var seen: Set<String> = []
        for field in request.headers where seen.insert(field.name.lowercased()).inserted {
            let separator = field.isNamed("cookie") ? "; " : ", "
            setValue(
                request.headers.values(of: field.name).joined(separator: separator), forHTTPHeaderField: field.name)
        }
        // URLSession would name the process, and ask for content codings.
        if !seen.contains("user-agent") { setValue("swift-agent-streams", forHTTPHeaderField: "user-agent") }
        if !seen.contains("accept-encoding") { setValue("identity", forHTTPHeaderField: "accept-encoding") }
    }
}

extension ExchangeResponseHead {
    /// The head in our form; fields that HTTP does not allow are left out.
    init(_ response: HTTPURLResponse) {
        var headers = HeaderFields()
        // The order is lost already: sorted, it is at least always the same.
        let fields = response.allHeaderFields.map { ("\($0.key)", "\($0.value)") }
        for (name, value) in fields.sorted(by: { $0.0 < $1.0 }) {
            if let field = try? HeaderField(name, value) { headers.append(field) }
        }
        self.init(status: response.statusCode, headers: headers)
    }

    /// The number of bytes that the body must have, or nil when its end tells itself.
    func bodyLength(method: String) throws(TransportError) -> Int? {
        if method == "HEAD" || status == 204 || status == 304 { return 0 }
        // Decoded bodies have another length than they were sent with.
        if headers.contains(name: "transfer-encoding") || headers.contains(name: "content-encoding") { return nil }
        guard headers.contains(name: "content-length") else { return nil }
        let values = headers.values(of: "content-length").flatMap { $0.split(separator: ",") }
        let numbers = Set(values.map { Int($0.trimmingCharacters(in: .whitespaces)) })
        guard numbers.count == 1, let number = numbers.first, let number, number >= 0 else {
            throw TransportError(
                .malformedResponse, "the response's content-length is not one number (RFC 9112 §6.3)")
        }
        return number
    }
}
