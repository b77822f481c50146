public import StreamCore

/// An error as tRPC sends it: `{"message","code","data":{"code","httpStatus","path"}}` (trpc/trpc, `error/getErrorShape.ts`).
///
/// A procedure throws one to say what its caller may know; whatever else it throws is sent as `INTERNAL_SERVER_ERROR` without its words.
public struct TRPCError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong.
    public var code: TRPCErrorCode
    /// What went wrong, in words; they go to the client.
    public var message: String
    /// The procedure that it happened in.
    public var path: String?
    /// Further members of `data`, a form's faults say; `code`, `httpStatus` and `path` among them are overwritten.
    public var details: JSONObject

    /// An error from its parts; without a message, its code is the message.
    public init(_ code: TRPCErrorCode, _ message: String? = nil, path: String? = nil, details: JSONObject = [:]) {
        self.code = code
        self.message = message ?? code.rawValue
        self.path = path
        self.details = details
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    /// The error with the procedure that it happened in, where it names none yet.
    public func at(_ path: String) -> TRPCError {
        guard self.path == nil else { return self }
        var error = self
        error.path = path
        return error
    }

    /// The shape that is sent.
    public var json: JSONValue {
        var data: JSONObject = ["code": .string(code.rawValue), "httpStatus": .integer(Int64(code.httpStatus))]
        for (key, value) in details where data[key] == nil && key != "path" { data[key] = value }
        if let path { data["path"] = .string(path) }
        return ["message": .string(message), "code": .integer(Int64(code.number)), "data": .object(data)]
    }

    /// The error that a shape says, or nil when it is none: `code` must be a number and `message` a string, as tRPC's client has it.
    public init?(_ shape: JSONValue) {
        guard let number = shape["code"]?.doubleValue, let message = shape["message"]?.stringValue else { return nil }
        let data = shape["data"]?.objectValue ?? [:]
        let name = data["code"]?.stringValue.map { TRPCErrorCode(rawValue: $0) }
        self.init(
            name ?? Int(exactly: number).flatMap { TRPCErrorCode(number: $0) } ?? .internalServerError, message,
            path: data["path"]?.stringValue)
        for (key, value) in data where !["code", "httpStatus", "path"].contains(key) { details[key] = value }
    }
}
