public import StreamCore

/// A message from server to client over WebSocket (trpc/trpc, `rpc/envelopes.ts`, `TRPCClientIncomingMessage`).
public enum TRPCServerMessage: Sendable, Hashable {
    /// A subscription has begun.
    case started(TRPCEnvelope)
    /// A value of a subscription, or the answer of a query or mutation.
    ///
    /// `eventID` is there when the value is tracked: the client resumes after it. A tRPC server then wraps the value, `{"id":…,"data":…}`; `data` is
    /// what stood in the message, and ``value`` is without the wrapping.
    case data(TRPCEnvelope, eventID: String?, data: JSONValue)
    /// A subscription has ended.
    case stopped(TRPCEnvelope)
    /// A call failed, or, with the id null, the connection.
    case error(TRPCEnvelope, TRPCError)
    /// The client should connect anew, and go on there.
    case reconnect
    /// The text `PING`, which asks for a `PONG`.
    case ping
    /// The text `PONG`.
    case pong

    /// The messages of one text frame: one, or several of them in an array.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR` when any of it is no message.
    public static func parse(
        _ text: String, limits: TRPCLimits = .client
    ) throws(TRPCError) -> [TRPCServerMessage] {
        if text == "PING" { return [.ping] }
        if text == "PONG" { return [.pong] }
        let value = try limits.json(text)
        guard case .array(let batch) = value else { return [try TRPCServerMessage(value)] }
        guard batch.count <= limits.batch else {
            throw TRPCError(.parseError, "a batch may have \(limits.batch) messages")
        }
        var messages: [TRPCServerMessage] = []
        for value in batch { messages.append(try TRPCServerMessage(value)) }
        return messages
    }

    private init(_ value: JSONValue) throws(TRPCError) {
        guard case .object(let object) = value else { throw TRPCError(.parseError, "a message must be an object") }
        if let method = object["method"] {
            guard method == "reconnect" else { throw TRPCError(.parseError, "`method` is none of tRPC's") }
            self = .reconnect
            return
        }
        let envelope = TRPCEnvelope(
            object["id"].flatMap { TRPCRequestID($0) }, saysVersion: object["jsonrpc"] != nil)
        if let shape = object["error"] {
            guard let error = TRPCError(shape) else { throw TRPCError(.parseError, "`error` is no error of tRPC's") }
            self = .error(envelope, error)
            return
        }
        guard case .object(let result)? = object["result"] else {
            throw TRPCError(.parseError, "a message must have `result`, `error` or `method`")
        }
        switch result["type"] {
        case "started": self = .started(envelope)
        case "stopped": self = .stopped(envelope)
        case nil, "data":
            var eventID: String?
            if let id = result["id"], !id.isNull {
                guard case .string(let text) = id else {
                    throw TRPCError(.parseError, "an event's `id` must be a string")
                }
                eventID = text
            }
            self = .data(envelope, eventID: eventID, data: result["data"] ?? .null)
        default: throw TRPCError(.parseError, "`type` is none of tRPC's")
        }
    }

    /// What a message carries, without the wrapping that a tRPC server puts around tracked values; nil for one that carries nothing.
    ///
    /// Taken for a wrapping is an object of exactly `id` and `data` whose `id` is the event's.
    public var value: JSONValue? {
        guard case .data(_, let eventID, let data) = self else { return nil }
        guard let eventID, case .object(let object) = data, object.count == 2, object["id"] == .string(eventID),
            let value = object["data"]
        else { return data }
        return value
    }

    /// The message as it is sent.
    public var text: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the message as it is sent.
    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .started(let envelope): TRPCServerMessage.append(envelope, "{\"type\":\"started\"}", to: &bytes)
        case .stopped(let envelope): TRPCServerMessage.append(envelope, "{\"type\":\"stopped\"}", to: &bytes)
        case .data(let envelope, let eventID, let data):
            TRPCServerMessage.appendData(envelope, eventID: eventID, to: &bytes) { data.write(into: &$0) }
        case .error(let envelope, let error):
            bytes.append(UInt8(ascii: "{"))
            envelope.write(into: &bytes)
            JSONWriter.append(raw: ",\"error\":", to: &bytes)
            error.json.write(into: &bytes)
            bytes.append(UInt8(ascii: "}"))
        case .reconnect: JSONWriter.append(raw: "{\"id\":null,\"method\":\"reconnect\"}", to: &bytes)
        case .ping: JSONWriter.append(raw: "PING", to: &bytes)
        case .pong: JSONWriter.append(raw: "PONG", to: &bytes)
        }
    }

    /// Appends a value of a subscription, or an answer, whose JSON is there already.
    ///
    /// - Parameters:
    ///   - payload: The value, in JSON.
    ///   - eventID: Its id, when it is tracked.
    ///   - isWrapped: Whether a tracked value is put into `{"id":…,"data":…}`, as a tRPC server does, so that `onData` of its client sees id and value;
    ///     else `onData` sees the value itself.
    ///   - envelope: Which request it answers, and on which wire.
    ///   - bytes: Where it is added.
    public static func appendData(
        _ payload: some Sequence<UInt8>, eventID: String?, isWrapped: Bool, envelope: TRPCEnvelope,
        to bytes: inout [UInt8]
    ) {
        appendData(envelope, eventID: eventID, to: &bytes) { bytes in
            guard isWrapped, let eventID else {
                bytes.append(contentsOf: payload)
                return
            }
            JSONWriter.append(raw: "{\"id\":", to: &bytes)
            JSONWriter.append(eventID, to: &bytes)
            JSONWriter.append(raw: ",\"data\":", to: &bytes)
            bytes.append(contentsOf: payload)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ envelope: TRPCEnvelope, _ result: StaticString, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        envelope.write(into: &bytes)
        JSONWriter.append(raw: ",\"result\":", to: &bytes)
        JSONWriter.append(raw: result, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func appendData(
        _ envelope: TRPCEnvelope, eventID: String?, to bytes: inout [UInt8], _ payload: (inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "{"))
        envelope.write(into: &bytes)
        JSONWriter.append(raw: ",\"result\":{\"type\":\"data\",", to: &bytes)
        if let eventID {
            JSONWriter.append(raw: "\"id\":", to: &bytes)
            JSONWriter.append(eventID, to: &bytes)
            bytes.append(UInt8(ascii: ","))
        }
        JSONWriter.append(raw: "\"data\":", to: &bytes)
        payload(&bytes)
        JSONWriter.append(raw: "}}", to: &bytes)
    }
}
