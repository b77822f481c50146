import WireProtocols

/// From which origins (RFC 6454) pages may read: what CORS tells browsers for event streams and fetch, and what is checked for WebSockets, which have no CORS.
public struct OriginPolicy: Sendable, Hashable {
    /// Which origins may.
    public enum Allowed: Sendable, Hashable {
        /// Every page. Right where there is nothing secret, or the credential is one that a foreign page does not have: a header, never a cookie.
        case any
        /// These, as browsers send them: `https://example.org`, with a port where it is not the scheme's own.
        case these(Set<String>)
    }

    /// Which origins may; that of the server itself always may.
    public var allowed: Allowed
    /// Whether pages of the allowed origins may use cookies; never so for ``Allowed/any``.
    public var allowsCredentials: Bool
    /// Whether a WebSocket is given to clients that name no origin, which are no browsers.
    public var allowsMissing: Bool

    /// A policy from its parts; by default only pages of the server itself may.
    public init(allowed: Allowed = .these([]), allowsCredentials: Bool = false, allowsMissing: Bool = true) {
        self.allowed = allowed
        self.allowsCredentials = allowsCredentials
        self.allowsMissing = allowsMissing
    }

    /// Every page may, without cookies.
    public static let any = OriginPolicy(allowed: .any)
    /// Only pages of the server itself, and clients that are no browsers.
    public static let sameOrigin = OriginPolicy()

    /// Refuses a WebSocket for a page that may not have it.
    func checkSocket(_ request: DeliveryRequest) throws(DeliveryRefusal) {
        let origins = request.headers.values(of: "origin")
        if origins.isEmpty, allowsMissing { return }
        guard origins.count == 1, allows(origins[0]) || isOwn(origins[0], request) else {
            throw DeliveryRefusal(.originNotAllowed, "pages of this origin may not connect")
        }
    }

    /// Adds what lets the page read the answer, where it may.
    func allow(_ request: DeliveryRequest, _ headers: inout HeaderFields) {
        if case .any = allowed {
            try? headers.set("access-control-allow-origin", "*")
            return
        }
        try? headers.append("vary", "origin")
        guard let origin = request.headers["origin"], allows(origin) else { return }
        // As it came, through a header field that had been checked.
        try? headers.set("access-control-allow-origin", origin)
        if allowsCredentials { try? headers.set("access-control-allow-credentials", "true") }
    }

    /// The answer to a preflight (Fetch §4.8); nil for any other request.
    func preflight(_ request: DeliveryRequest, methods: String) -> DeliveryResponse? {
        guard request.method == "OPTIONS" else { return nil }
        var headers = HeaderFields()
        allow(request, &headers)
        if headers.contains(name: "access-control-allow-origin") {
            try? headers.set("access-control-allow-methods", methods)
            try? headers.set("access-control-allow-headers", "authorization, content-type, last-event-id")
            try? headers.set("access-control-max-age", "600")
        }
        try? headers.set("allow", "\(methods), OPTIONS")
        return DeliveryResponse(status: 204, headers: headers)
    }

    private func allows(_ origin: String) -> Bool {
        switch allowed {
        case .any: true
        case .these(let origins): origins.contains(origin.lowercased())
        }
    }

    // Whether the page comes from the host that the request was sent to.
    private func isOwn(_ origin: String, _ request: DeliveryRequest) -> Bool {
        guard let host = request.headers["host"], let url = AbsoluteURL(origin) else { return false }
        guard url.scheme == "http" || url.scheme == "https", let own = AbsoluteURL("\(url.scheme)://\(host)") else {
            return false
        }
        return url.isSameOrigin(as: own)
    }
}
