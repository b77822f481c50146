public import StreamCore

/// The answer to a call over HTTP: `{"result":{"data":…}}` or `{"error":…}`.
public enum TRPCResponse: Sendable, Hashable {
    /// What the procedure returned.
    case result(JSONValue)
    /// Why it did not.
    case error(TRPCError)

    /// The HTTP status of an answer: that of all of its parts, or 207 where they differ (`http/getHTTPStatusCode.ts`).
    public static func status(of responses: [TRPCResponse]) -> Int {
        let statuses = Set(responses.map(\.status))
        return statuses.count == 1 ? statuses.first ?? 200 : responses.isEmpty ? 200 : 207
    }

    private var status: Int {
        switch self {
        case .result: 200
        case .error(let error): error.code.httpStatus
        }
    }

    /// The answer as JSON.
    public var json: JSONValue {
        switch self {
        case .result(let data): ["result": ["data": data]]
        case .error(let error): ["error": error.json]
        }
    }

    /// The answer that a JSON value is.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR` when it is none.
    public init(_ value: JSONValue) throws(TRPCError) {
        if let shape = value["error"] {
            guard let error = TRPCError(shape) else { throw TRPCError(.parseError, "`error` is no error of tRPC's") }
            self = .error(error)
        } else if case .object(let result)? = value["result"] {
            self = .result(result["data"] ?? .null)
        } else {
            throw TRPCError(.parseError, "an answer must have `result` or `error`")
        }
    }

    /// The answers in a body: one, or those of a batch.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR` when it is no answer of tRPC's.
    public static func parse(_ text: String, limits: TRPCLimits = .client) throws(TRPCError) -> [TRPCResponse] {
        let value = try limits.json(text)
        guard case .array(let batch) = value else { return [try TRPCResponse(value)] }
        var responses: [TRPCResponse] = []
        for value in batch { responses.append(try TRPCResponse(value)) }
        return responses
    }
}
