/// What went wrong, as tRPC names it: a name, a number of JSON-RPC 2.0, and an HTTP status (trpc/trpc, `rpc/codes.ts` and `http/getHTTPStatusCode.ts`).
///
/// Several names share a number; so a code is read by its name where there is one.
public struct TRPCErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The name, `NOT_FOUND` say.
    public let rawValue: String

    /// A code from its name; one that tRPC does not know has the number and status of `INTERNAL_SERVER_ERROR`.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }

    /// What was sent is no JSON, or no message of tRPC.
    public static let parseError = TRPCErrorCode(rawValue: "PARSE_ERROR")
    /// The request makes no sense: an input that does not fit, an id that is in use.
    public static let badRequest = TRPCErrorCode(rawValue: "BAD_REQUEST")
    /// The server failed.
    public static let internalServerError = TRPCErrorCode(rawValue: "INTERNAL_SERVER_ERROR")
    /// The server cannot do that yet.
    public static let notImplemented = TRPCErrorCode(rawValue: "NOT_IMPLEMENTED")
    /// A server behind the server failed.
    public static let badGateway = TRPCErrorCode(rawValue: "BAD_GATEWAY")
    /// The server is not available, for now.
    public static let serviceUnavailable = TRPCErrorCode(rawValue: "SERVICE_UNAVAILABLE")
    /// A server behind the server did not answer in time.
    public static let gatewayTimeout = TRPCErrorCode(rawValue: "GATEWAY_TIMEOUT")
    /// There is no credential, or none that counts.
    public static let unauthorized = TRPCErrorCode(rawValue: "UNAUTHORIZED")
    /// Somebody has to pay.
    public static let paymentRequired = TRPCErrorCode(rawValue: "PAYMENT_REQUIRED")
    /// The credential does not allow it.
    public static let forbidden = TRPCErrorCode(rawValue: "FORBIDDEN")
    /// There is no such procedure, or no such thing.
    public static let notFound = TRPCErrorCode(rawValue: "NOT_FOUND")
    /// The procedure is of another type than the request.
    public static let methodNotSupported = TRPCErrorCode(rawValue: "METHOD_NOT_SUPPORTED")
    /// It took too long.
    public static let timeout = TRPCErrorCode(rawValue: "TIMEOUT")
    /// It contradicts what is there.
    public static let conflict = TRPCErrorCode(rawValue: "CONFLICT")
    /// A condition of the request does not hold; of a subscription: what follows the last event id is no longer kept.
    public static let preconditionFailed = TRPCErrorCode(rawValue: "PRECONDITION_FAILED")
    /// The request is larger than the server takes.
    public static let payloadTooLarge = TRPCErrorCode(rawValue: "PAYLOAD_TOO_LARGE")
    /// The content is of a type that the server does not take or give.
    public static let unsupportedMediaType = TRPCErrorCode(rawValue: "UNSUPPORTED_MEDIA_TYPE")
    /// It can be read, and not be done.
    public static let unprocessableContent = TRPCErrorCode(rawValue: "UNPROCESSABLE_CONTENT")
    /// The request lacks a condition.
    public static let preconditionRequired = TRPCErrorCode(rawValue: "PRECONDITION_REQUIRED")
    /// More was asked than is allowed at a time.
    public static let tooManyRequests = TRPCErrorCode(rawValue: "TOO_MANY_REQUESTS")
    /// The client has gone.
    public static let clientClosedRequest = TRPCErrorCode(rawValue: "CLIENT_CLOSED_REQUEST")

    /// Every code that tRPC 11 knows, with its number and HTTP status; where several share a number, the one that the number alone means comes first.
    static let known: [(code: TRPCErrorCode, number: Int, httpStatus: Int)] = [
        (.parseError, -32700, 400), (.badRequest, -32600, 400), (.internalServerError, -32603, 500),
        (.notImplemented, -32603, 501), (.badGateway, -32603, 502), (.serviceUnavailable, -32603, 503),
        (.gatewayTimeout, -32603, 504), (.unauthorized, -32001, 401), (.paymentRequired, -32002, 402),
        (.forbidden, -32003, 403), (.notFound, -32004, 404), (.methodNotSupported, -32005, 405),
        (.timeout, -32008, 408), (.conflict, -32009, 409), (.preconditionFailed, -32012, 412),
        (.payloadTooLarge, -32013, 413), (.unsupportedMediaType, -32015, 415), (.unprocessableContent, -32022, 422),
        (.preconditionRequired, -32028, 428), (.tooManyRequests, -32029, 429), (.clientClosedRequest, -32099, 499),
    ]

    /// The number that JSON-RPC carries: -32700, -32600, -32603, or -32000 less the last digits of the status.
    public var number: Int { TRPCErrorCode.known.first { $0.code == self }?.number ?? -32603 }

    /// The HTTP status that goes with it, 400 … 599.
    public var httpStatus: Int { TRPCErrorCode.known.first { $0.code == self }?.httpStatus ?? 500 }

    /// The code that a number alone means, or nil when tRPC has none.
    public init?(number: Int) {
        guard let known = TRPCErrorCode.known.first(where: { $0.number == number }) else { return nil }
        self = known.code
    }

    /// Whether a subscription that ended with it is tried again by tRPC's client over SSE: all codes of the number -32603 are
    /// (`retryableRpcCodes`).
    public var isRetryable: Bool { number == -32603 }
}
