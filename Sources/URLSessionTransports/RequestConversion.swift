import Foundation
import StreamTransport
import WireProtocols

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension URLRequest {
    /// The request in Foundation's form.
    init(_ request: ExchangeRequest) throws(TransportError) {
        _ = try request.checkedURL()
        guard let url = URL(string: request.url, encodingInvalidCharacters: false) else {
            throw TransportError(.invalidRequest, "'\(request.redactedURL)' is no URL that Foundation takes")
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
}
