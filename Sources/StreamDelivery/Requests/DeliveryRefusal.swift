public import StreamCore
import WireProtocols

/// Why a request is refused, and how that is answered; it never holds a credential.
public struct DeliveryRefusal: Error, Sendable, CustomStringConvertible {
    /// What was wrong, as an open-ended code: codes may be added, so a switch over it needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The code in text, in lower camel case, as it stands in the answer's body.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Something in the request cannot be read: 400.
        public static let badRequest = Code(rawValue: "badRequest")
        /// The cursor is no offset: 400.
        public static let badCursor = Code(rawValue: "badCursor")
        /// There is no valid credential: 401.
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        /// The principal may not do that: 403.
        public static let forbidden = Code(rawValue: "forbidden")
        /// The page that asks is of an origin that may not: 403.
        public static let originNotAllowed = Code(rawValue: "originNotAllowed")
        /// There is nothing at that address, or no such stream: 404.
        public static let notFound = Code(rawValue: "notFound")
        /// The method is not for this address: 405.
        public static let methodNotAllowed = Code(rawValue: "methodNotAllowed")
        /// The stream's state does not allow it: 409.
        public static let conflict = Code(rawValue: "conflict")
        /// The stream was deleted: 410.
        public static let gone = Code(rawValue: "gone")
        /// What follows the cursor is not kept: 410.
        public static let gap = Code(rawValue: "gap")
        /// The body is too large: 413.
        public static let bodyTooLarge = Code(rawValue: "bodyTooLarge")
        /// Path and query are too long: 414.
        public static let targetTooLong = Code(rawValue: "targetTooLong")
        /// Too much, or too often: 429.
        public static let rateLimited = Code(rawValue: "rateLimited")
        /// The header fields are too large: 431.
        public static let headersTooLarge = Code(rawValue: "headersTooLarge")
        /// The log cannot be used at the moment, or the server goes down: 503.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The server failed: 500.
        public static let internalError = Code(rawValue: "internalError")
    }

    /// What was wrong.
    public var code: Code
    /// The status that it is answered with, 400 … 599.
    public var status: Int
    /// What was wrong, for people; it is sent to the client.
    public var message: String
    /// When it may be tried again; sent as `retry-after`, in whole seconds, rounded up.
    public var retryAfter: Duration?
    /// Further members of the answer's `error` object.
    public var details: JSONObject = [:]

    /// A refusal from its parts; without a status, that of the code (400 for a code of your own).
    public init(_ code: Code, status: Int? = nil, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.status = status ?? DeliveryRefusal.statuses[code] ?? 400
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }

    private static let statuses: [Code: Int] = [
        .unauthenticated: 401, .forbidden: 403, .originNotAllowed: 403, .notFound: 404, .methodNotAllowed: 405,
        .conflict: 409, .gone: 410, .gap: 410, .bodyTooLarge: 413, .targetTooLong: 414, .rateLimited: 429,
        .headersTooLarge: 431, .internalError: 500, .unavailable: 503,
    ]

    /// The answer: the status and `{"error":{"code":…,"message":…}}`.
    public var response: DeliveryResponse {
        var error: JSONObject = ["code": .string(code.rawValue), "message": .string(message)]
        for (key, value) in details { error[key] = value }
        var headers: HeaderFields = ["content-type": "application/json", "cache-control": "no-store"]
        if let retryAfter {
            // Digits: nothing that a header field could not hold.
            try? headers.set("retry-after", String(retryAfter.wholeSecondsUp))
        }
        if status == 401 { try? headers.set("www-authenticate", "Bearer") }
        return DeliveryResponse(
            status: status, headers: headers,
            body: .bytes(Array(JSONValue.object(["error": .object(error)]).jsonString.utf8)))
    }
}

extension Duration {
    /// Seconds, rounded up, never negative.
    var wholeSecondsUp: Int64 {
        let (seconds, attoseconds) = components
        return max(0, attoseconds > 0 ? seconds + 1 : seconds)
    }
}
