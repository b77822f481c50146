public import StreamCore

/// The id of a request: a number or a string, chosen by the client (JSON-RPC 2.0 §4).
public enum TRPCRequestID: Sendable, Hashable, CustomStringConvertible {
    /// A number, as tRPC's own client has them.
    case number(Int64)
    /// A string.
    case string(String)

    /// The id in text.
    public var description: String {
        switch self {
        case .number(let number): String(number)
        case .string(let string): string
        }
    }

    /// The id as JSON.
    public var json: JSONValue {
        switch self {
        case .number(let number): .integer(number)
        case .string(let string): .string(string)
        }
    }

    /// The id that a JSON value is, or nil when it is neither a string nor a whole number that fits.
    public init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self = .number(number)
        case .number(let number):
            guard let whole = Int64(exactly: number) else { return nil }
            self = .number(whole)
        case .string(let string): self = .string(string)
        default: return nil
        }
    }
}

/// What an answer repeats of its request, so that the client knows which it is.
public struct TRPCEnvelope: Sendable, Hashable {
    /// The request's id; nil (`null` on the wire) where the answer belongs to no request.
    public var id: TRPCRequestID?
    /// Whether the request said `"jsonrpc":"2.0"`, which the answer then says too.
    public var saysVersion: Bool

    /// An envelope from its parts.
    public init(_ id: TRPCRequestID?, saysVersion: Bool = false) {
        self.id = id
        self.saysVersion = saysVersion
    }

    /// Appends `"id":…` and, where it is said, the version.
    func write(into bytes: inout [UInt8]) {
        JSONWriter.append(raw: "\"id\":", to: &bytes)
        (id?.json ?? .null).write(into: &bytes)
        if saysVersion { JSONWriter.append(raw: ",\"jsonrpc\":\"2.0\"", to: &bytes) }
    }
}

/// What a procedure is.
public enum TRPCProcedureType: String, Sendable, Hashable, CaseIterable {
    /// It answers once and changes nothing.
    case query
    /// It answers once and may change something.
    case mutation
    /// It answers any number of times.
    case subscription
}
