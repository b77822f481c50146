public import WireProtocols

/// What a request is answered with: a host writes the head, then the body.
public struct DeliveryResponse: Sendable {
    /// The status code, 200 … 599.
    public var status: Int
    /// The header fields, but for framing (`content-length`, `transfer-encoding`) and `date`, which are the host's.
    public var headers: HeaderFields
    /// The body.
    public var body: DeliveryBody

    /// A response from its parts.
    public init(status: Int = 200, headers: HeaderFields = [:], body: DeliveryBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A response's body.
public enum DeliveryBody: Sendable {
    /// There is none.
    case none
    /// It is all there.
    case bytes([UInt8])
    /// It is pulled, piece by piece, while there is anything to come.
    ///
    /// The head must go out before the first piece is there. Whoever pulls ends the source when the peer has gone.
    case stream(any DeliverySource)
}

/// What answers requests: one endpoint, or a router of several.
public protocol DeliveryHandler: Sendable {
    /// Answers a request; a refusal is a response as well.
    ///
    /// It returns as soon as the head is known. A cancelled task may be answered with anything: nobody reads it.
    func respond(to request: DeliveryRequest) async -> DeliveryResponse
}
