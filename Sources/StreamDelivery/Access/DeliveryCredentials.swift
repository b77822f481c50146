public import StreamCore
import WireProtocols

/// What a client showed of itself, wherever that stands: what a host's authentication looks at.
///
/// It prints nothing of it.
public struct DeliveryCredentials: Sendable, CustomStringConvertible, CustomReflectable {
    /// The request, with all its header fields.
    public var request: DeliveryRequest
    /// What a tRPC client sent as its connection's parameters (`connectionParams`); nil for other clients.
    public var connectionParameters: JSONValue?

    /// Credentials of a request.
    public init(_ request: DeliveryRequest, connectionParameters: JSONValue? = nil) {
        self.request = request
        self.connectionParameters = connectionParameters
    }

    /// The token of `authorization: Bearer …` (RFC 6750 §2.1); nil where there is none, or more than one such field.
    public var bearerToken: String? {
        let values = request.headers.values(of: "authorization")
        guard values.count == 1, values[0].utf8.count > 7, values[0].prefix(7).lowercased() == "bearer " else {
            return nil
        }
        return String(values[0].dropFirst(7).drop { $0 == " " })
    }

    /// The value of a cookie (RFC 6265 §5.4); nil where it is missing, or there twice with different values.
    public func cookie(_ name: String) -> String? {
        var found: String?
        for field in request.headers.values(of: "cookie") {
            for pair in field.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == name else { continue }
                if let found, found != sides[1] { return nil }
                found = String(sides[1])
            }
        }
        return found
    }

    /// A text among the connection's parameters: `token` say.
    public func connectionParameter(_ name: String) -> String? { connectionParameters?[name]?.stringValue }

    /// Says what is there, and nothing of it.
    public var description: String {
        "DeliveryCredentials(\(request), connection parameters: \(connectionParameters == nil ? "none" : "given"))"
    }

    /// The credentials as they are printed.
    public var customMirror: Mirror { Mirror(self, children: ["request": request]) }
}
