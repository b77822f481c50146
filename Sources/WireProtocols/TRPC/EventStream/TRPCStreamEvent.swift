public import ServerSentEvents
public import StreamCore

/// An event of a subscription over server-sent events (trpc/trpc, `stream/sse.ts`).
public enum TRPCStreamEvent: Sendable, Hashable {
    /// `connected`, the first: the subscription has begun. The client connects anew when it then hears nothing for so long, where that is said.
    case connected(reconnectAfterInactivity: Duration?)
    /// A value; with an id it is tracked, and the client resumes after it.
    case data(eventID: String?, data: JSONValue)
    /// `ping`: the server is alive.
    case ping
    /// `return`, the last: the subscription has ended. An end without it is a broken connection, which the client makes again.
    case `return`
    /// `serialized-error`: the subscription failed. Codes that ``TRPCErrorCode/isRetryable`` are tried again by the client.
    case error(TRPCError)

    /// The events' names, but for values, which have none.
    package enum Name {
        package static let connected = "connected"
        package static let ping = "ping"
        package static let `return` = "return"
        package static let error = "serialized-error"
    }

    /// The event that a server-sent event says; nil for one of a name that is not tRPC's, which is passed over.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR` when its data is not what its name says.
    public init?(_ event: ServerSentEvent, limits: TRPCLimits = .client) throws(TRPCError) {
        switch event.type {
        case "message":
            self = .data(
                eventID: event.lastEventID.isEmpty ? nil : event.lastEventID, data: try limits.json(event.data))
        case Name.connected:
            guard case .object(let options) = try limits.json(event.data) else {
                throw TRPCError(.parseError, "`connected` must have an object")
            }
            let milliseconds = options["reconnectAfterInactivityMs"]?.doubleValue
            // A year is longer than any connection: the number cannot overflow a duration then.
            self = .connected(
                reconnectAfterInactivity: milliseconds.flatMap {
                    $0 > 0 ? .milliseconds(Swift.min($0, 31_536_000_000)) : nil
                })
        case Name.ping: self = .ping
        case Name.return: self = .return
        case Name.error:
            guard let error = TRPCError(try limits.json(event.data)) else {
                throw TRPCError(.parseError, "`serialized-error` has no error of tRPC's")
            }
            self = .error(error)
        default: return nil
        }
    }

    /// Appends the event as it is sent.
    ///
    /// - Throws: ``/ServerSentEvents/ServerSentEventError`` for an id with a line break.
    public func write(into bytes: inout [UInt8]) throws(ServerSentEventError) {
        switch self {
        case .connected(let inactivity):
            var options: JSONObject = [:]
            if let inactivity { options["reconnectAfterInactivityMs"] = .integer(inactivity.wholeMilliseconds) }
            try ServerSentEventSerializer.append(data: options.jsonString, type: Name.connected, to: &bytes)
        case .data(let eventID, let data):
            try ServerSentEventSerializer.append(data: data.jsonString, id: eventID, to: &bytes)
        case .ping: try ServerSentEventSerializer.append(data: "", type: Name.ping, to: &bytes)
        case .return: try ServerSentEventSerializer.append(data: "", type: Name.return, to: &bytes)
        case .error(let error):
            try ServerSentEventSerializer.append(data: error.json.jsonString, type: Name.error, to: &bytes)
        }
    }
}

extension Duration {
    /// Whole milliseconds, cut to what 64 bits hold.
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product + attoseconds / 1_000_000_000_000_000
    }
}
