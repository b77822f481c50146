public import StreamCore

/// What a client says about itself where it cannot set header fields: names and texts, a token say.
///
/// Over WebSocket they are the first frame, `{"method":"connectionParams","data":{…}}`, announced by `connectionParams=1` in the URL's query; over
/// HTTP they are the query parameter `connectionParams` (trpc/trpc, `http/parseConnectionParams.ts`). Their values are never printed.
public struct TRPCConnectionParams: Sendable, Hashable {
    /// Names and texts.
    public var values: [String: String]

    /// Parameters from names and texts.
    public init(_ values: [String: String]) {
        self.values = values
    }

    /// The text of a name, or nil.
    public subscript(name: String) -> String? { values[name] }

    /// The parameters in the first frame of a connection; nil where it says `null`.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR` when it is no such frame.
    public static func parse(frame text: String, limits: TRPCLimits = .default) throws(TRPCError) -> Self? {
        let value: JSONValue
        do throws(TRPCError) {
            value = try limits.json(text)
        } catch {
            throw TRPCError(.parseError, "Malformed TRPCConnectionParamsMessage")
        }
        // tRPC's server reads `data` of whatever object comes first; any other message than this one is a client's fault that would stay hidden.
        guard case .object(let object) = value, object["method"] == "connectionParams" else {
            throw TRPCError(.parseError, "Malformed TRPCConnectionParamsMessage")
        }
        return try read(object["data"] ?? .null, limits: limits)
    }

    /// The parameters in a query; nil where they are `null`.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR` when they are no JSON object of texts.
    public static func parse(query text: String, limits: TRPCLimits = .default) throws(TRPCError) -> Self? {
        let value: JSONValue
        do throws(TRPCError) {
            value = try limits.json(text)
        } catch {
            throw TRPCError(.parseError, "Not JSON-parsable query params")
        }
        return try read(value, limits: limits)
    }

    private static func read(_ value: JSONValue, limits: TRPCLimits) throws(TRPCError) -> Self? {
        if value.isNull { return nil }
        guard case .object(let object) = value else { throw TRPCError(.parseError, "Invalid connection params shape") }
        var values: [String: String] = [:]
        var size = 0
        for (key, value) in object {
            guard case .string(let text) = value else {
                throw TRPCError(.parseError, "Invalid connection params shape")
            }
            size += key.utf8.count + text.utf8.count
            values[key] = text
        }
        guard size <= limits.connectionParamsSize else {
            throw TRPCError(.payloadTooLarge, "connection params may have \(limits.connectionParamsSize) bytes")
        }
        return Self(values)
    }

    /// The parameters as JSON, names in order.
    public var json: JSONValue {
        .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    /// The first frame of a connection.
    public static func frame(_ parameters: Self?) -> String {
        let message: JSONObject = ["method": "connectionParams", "data": parameters?.json ?? .null]
        return message.jsonString
    }
}

extension TRPCConnectionParams: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names.
    public var description: String { "connectionParams(\(values.keys.sorted().joined(separator: ", ")))" }
    /// The names.
    public var debugDescription: String { description }
    /// The names, so that `dump` shows no credential either.
    public var customMirror: Mirror { Mirror(self, children: ["names": values.keys.sorted()]) }
}
