public import StreamCore

/// A call of a procedure (trpc/trpc, `rpc/envelopes.ts`, `TRPCRequest`).
public struct TRPCRequest: Sendable, Hashable {
    /// Its id, for the answers.
    public var envelope: TRPCEnvelope
    /// What is called.
    public var type: TRPCProcedureType
    /// The procedure's path, `agent.onAgentProgress` say.
    public var path: String
    /// What it is called with; nil when there is nothing.
    public var input: JSONValue?
    /// The id of the last event that the client has: a subscription goes on after it.
    public var lastEventID: String?

    /// A request from its parts.
    public init(
        _ envelope: TRPCEnvelope, _ type: TRPCProcedureType, path: String, input: JSONValue? = nil,
        lastEventID: String? = nil
    ) {
        self.envelope = envelope
        self.type = type
        self.path = path
        self.input = input
        self.lastEventID = lastEventID
    }
}

/// A message from client to server over WebSocket (trpc/trpc, `rpc/parseTRPCMessage.ts`, `adapters/ws.ts`).
public enum TRPCClientMessage: Sendable, Hashable {
    /// A call.
    case request(TRPCRequest)
    /// The client wants no more of a subscription.
    case stop(TRPCEnvelope)
    /// A call or a stop whose id is null or missing, which is answered with `PARSE_ERROR`.
    case unidentified(TRPCEnvelope)
    /// The text `PING`, which asks for a `PONG`.
    case ping
    /// The text `PONG`.
    case pong

    /// The messages of one text frame: one, or a batch of them in an array.
    ///
    /// - Throws: ``TRPCError`` when any of it is no message: then nothing of the frame counts, and the answer has the id null.
    public static func parse(
        _ text: String, limits: TRPCLimits = .default
    ) throws(TRPCError) -> [TRPCClientMessage] {
        if text == "PING" { return [.ping] }
        if text == "PONG" { return [.pong] }
        let value = try limits.json(text)
        guard case .array(let batch) = value else { return [try TRPCClientMessage(value, limits: limits)] }
        guard batch.count <= limits.batch else {
            throw TRPCError(.badRequest, "a batch may have \(limits.batch) messages")
        }
        var messages: [TRPCClientMessage] = []
        for value in batch { messages.append(try TRPCClientMessage(value, limits: limits)) }
        return messages
    }

    private init(_ value: JSONValue, limits: TRPCLimits) throws(TRPCError) {
        guard case .object(let object) = value else { throw TRPCError(.parseError, "a message must be an object") }
        if let version = object["jsonrpc"], version != "2.0" {
            throw TRPCError(.parseError, "`jsonrpc` must be \"2.0\"")
        }
        var envelope = TRPCEnvelope(nil, saysVersion: object["jsonrpc"] != nil)
        if let id = object["id"], !id.isNull {
            guard let known = TRPCRequestID(id) else {
                throw TRPCError(.parseError, "`id` must be a string or a whole number")
            }
            guard known.description.utf8.count <= limits.idLength else {
                throw TRPCError(.badRequest, "`id` may have \(limits.idLength) bytes")
            }
            envelope.id = known
        }
        guard let method = object["method"]?.stringValue else {
            throw TRPCError(.parseError, "`method` must be a string")
        }
        if method == "subscription.stop" {
            self = envelope.id == nil ? .unidentified(envelope) : .stop(envelope)
            return
        }
        guard let type = TRPCProcedureType(rawValue: method) else {
            throw TRPCError(.parseError, "`method` is none of tRPC's")
        }
        guard case .object(let parameters)? = object["params"] else {
            throw TRPCError(.parseError, "`params` must be an object")
        }
        var request = TRPCRequest(
            envelope, type, path: try limits.path(parameters["path"]), input: parameters["input"])
        if let id = parameters["lastEventId"] {
            guard case .string(let text) = id else { throw TRPCError(.parseError, "`lastEventId` must be a string") }
            request.lastEventID = try limits.eventID(text)
        }
        self = envelope.id == nil ? .unidentified(envelope) : .request(request)
    }

    /// The message as it is sent.
    public var text: String {
        switch self {
        case .ping: return "PING"
        case .pong: return "PONG"
        case .stop(let envelope), .unidentified(let envelope):
            return String(decoding: TRPCClientMessage.bytes(envelope, "subscription.stop", nil), as: UTF8.self)
        case .request(let request):
            var parameters: JSONObject = ["path": .string(request.path)]
            if let input = request.input { parameters["input"] = input }
            if let id = request.lastEventID { parameters["lastEventId"] = .string(id) }
            return String(
                decoding: TRPCClientMessage.bytes(request.envelope, request.type.rawValue, parameters), as: UTF8.self)
        }
    }

    /// Several messages as they are sent in one frame.
    public static func text(of batch: [TRPCClientMessage]) -> String {
        batch.count == 1 ? batch[0].text : "[\(batch.map(\.text).joined(separator: ","))]"
    }

    private static func bytes(_ envelope: TRPCEnvelope, _ method: String, _ parameters: JSONObject?) -> [UInt8] {
        var bytes = Array("{".utf8)
        envelope.write(into: &bytes)
        JSONWriter.append(raw: ",\"method\":", to: &bytes)
        JSONWriter.append(method, to: &bytes)
        if let parameters {
            JSONWriter.append(raw: ",\"params\":", to: &bytes)
            parameters.write(into: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
