import Foundation
import StreamTransport
import WireProtocols

/// Follows redirects as RFC 9110 §15.4 and fetch say: a value, so that every rule can be tested without a network.
struct RedirectChain {
    /// The request to send next.
    private(set) var request: ExchangeRequest
    private let limit: Int
    private var count = 0
    private var seen: Set<String> = []

    init(request: ExchangeRequest, limit: Int) {
        self.request = request
        self.limit = limit
        seen.insert(RedirectChain.key(request))
    }

    /// Takes the head of a response, and returns whether ``request`` is now another one to be sent.
    mutating func follow(_ head: ExchangeResponseHead) throws(TransportError) -> Bool {
        guard [301, 302, 303, 307, 308].contains(head.status), let location = head.headers["location"] else {
            return false
        }
        let from = request.redactedURL
        guard count < limit else {
            throw TransportError(
                .tooManyRedirects,
                "\(from) redirects again after \(count) redirects: raise the limit or use the final URL")
        }
        guard let base = URL(string: request.url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
            let scheme = target.scheme?.lowercased(), scheme == "http" || scheme == "https",
            !(target.host() ?? "").isEmpty
        else {
            throw TransportError(.malformedResponse, "\(from) redirects to what is no http or https URL")
        }
        if RedirectChain.origin(base) != RedirectChain.origin(target) {
            request.headers = HeaderFields(request.headers.filter { !$0.isSensitive })
        }
        request.url = target.absoluteString
        if head.status == 303 && request.method != "HEAD"
            || [301, 302].contains(head.status) && request.method == "POST"
        {
            request.method = "GET"
            request.body = []
            for name in ["content-type", "content-encoding", "content-language", "content-location"] {
                request.headers.remove(name)
            }
        }
        guard seen.insert(RedirectChain.key(request)).inserted else {
            throw TransportError(.tooManyRedirects, "\(from) redirects in a circle, back to \(request.redactedURL)")
        }
        count += 1
        return true
    }

    private static func key(_ request: ExchangeRequest) -> String {
        // Without the fragment, which is not sent.
        request.method + " " + request.url.prefix { $0 != "#" }
    }

    private static func origin(_ url: URL) -> String {
        let scheme = url.scheme?.lowercased() ?? ""
        return "\(scheme)://\(url.host()?.lowercased() ?? ""):\(url.port ?? (scheme == "https" ? 443 : 80))"
    }
}
