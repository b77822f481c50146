package import WireProtocols

/// Follows redirects as RFC 9110 §15.4 and fetch say: a value, so that every rule can be tested without a network.
///
/// A transport takes ``request``, sends it, shows the head of the response to ``follow(_:)``, and goes on as long as that is true.
package struct RedirectChain: Sendable {
    /// The request to send next.
    package private(set) var request: ExchangeRequest
    private let limit: Int
    private var count = 0
    private var seen: Set<String> = []

    /// The chain that begins with `request` and has at most `limit` redirects.
    package init(request: ExchangeRequest, limit: Int) {
        self.request = request
        self.limit = limit
        seen.insert(RedirectChain.key(request))
    }

    /// Takes the head of a response, and returns whether ``request`` is now another one to be sent.
    ///
    /// - Throws: `TransportError`: the chain is too long or a circle, or leads to what is no http or https URL.
    package mutating func follow(_ head: ExchangeResponseHead) throws(TransportError) -> Bool {
        guard [301, 302, 303, 307, 308].contains(head.status), let location = head.headers["location"] else {
            return false
        }
        let from = request.redactedURL
        guard count < limit else {
            throw TransportError(
                .tooManyRedirects,
                "\(from) redirects again after \(count) redirects: raise the limit or use the final URL")
        }
        guard let base = AbsoluteURL(request.url), let target = base.resolving(location),
            target.scheme == "http" || target.scheme == "https"
        else {
            throw TransportError(.malformedResponse, "\(from) redirects to what is no http or https URL")
        }
        guard target.userInfo == nil else {
            throw TransportError(.malformedResponse, "\(from) redirects to a URL that holds a user")
        }
        if !base.isSameOrigin(as: target) {
            request.headers = HeaderFields(request.headers.filter { !$0.isSensitive })
        }
        request.url = target.text
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
}
