import StreamCore
import StreamTransport
import WireProtocols

#if AsyncHTTPClient
    import AsyncHTTPClientTransports
#endif

extension RemoteStream {
    /// Follows a subscription of a tRPC server to its end, over as many connections as it takes.
    func subscribe(
        after offset: String?, _ fields: HeaderFields, _ show: (WatchedEvent) -> Void
    ) async throws {
        let client = try client(fields)
        let input = try options.input.map { try JSONValue(parsing: $0) } ?? .null
        let values = try client.subscribe(
            to: options.procedure, input: input, as: JSONValue.self, after: offset
        ) { state in
            if case .waiting(let delay, let error) = state { RemoteStream.note(delay, because: error.brief) }
        }
        for try await event in values {
            show(WatchedEvent(offset: event.id, json: Array(event.value.jsonString.utf8)))
        }
    }

    private func client(_ fields: HeaderFields) throws -> SubscriptionClient {
        let settings = SubscriptionOptions(retry: options.retry)
        guard isSocket else {
            return SubscriptionClient(
                http: TRPCEndpoint(url: url), headers: fields, on: options.transport.makeTransport(), options: settings)
        }
        let request = WebSocketRequest(url: url, headers: fields)
        return SubscriptionClient(webSocket: request, on: try SocketTransport.make(), options: settings)
    }
}

/// What carries WebSockets, in builds that have it.
enum SocketTransport {
    /// Refuses WebSockets where this build has none.
    static func validate() throws {
        #if !AsyncHTTPClient
            throw TransportChoice.missing("A transport for ws:// and wss://", trait: "AsyncHTTPClient")
        #endif
    }

    /// The transport; a build without one has refused before.
    static func make() throws -> any WebSocketTransport {
        #if AsyncHTTPClient
            return NIOWebSocketTransport()
        #else
            throw TransportChoice.missing("A transport for ws:// and wss://", trait: "AsyncHTTPClient")
        #endif
    }
}
