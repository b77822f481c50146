import ServerSentEvents
import StreamCore
import WireProtocols

/// One connection of a subscription: opens it, and turns what comes into the machine's inputs.
struct SubscriptionConnection: Sendable {
    private enum Carrier: Sendable {
        case socket(WebSocketConnection)
        case body(ResponseBody.Iterator)

        /// What comes next; nil at the end.
        func next() async throws(TransportError) -> Piece? {
            switch self {
            case .socket(let connection): return try await connection.receive().map(Piece.message)
            case .body(var body):
                // A copy: all of its state that lasts is shared.
                return try await body.next().map(Piece.chunk)
            }
        }
    }

    /// What comes at a time.
    private enum Piece: Sendable {
        case message(WebSocketMessage)
        case chunk([UInt8])
    }

    private let carrier: Carrier
    private let options: SubscriptionOptions
    // The id that the client has stays the last one until another comes, but is none of the next value's.
    private var parser: ServerSentEventParser
    private var inputs: [SubscriptionMachine.Input] = []
    private var taken = 0

    private init(_ carrier: Carrier, _ options: SubscriptionOptions) {
        self.carrier = carrier
        self.options = options
        parser = ServerSentEventParser(limits: options.eventLimits)
    }

    /// What opening came to.
    enum Opening {
        case connection(SubscriptionConnection)
        case input(SubscriptionMachine.Input)
    }

    static func open(
        _ target: SubscriptionTarget, on link: SubscriptionLink, after lastEventID: String?,
        options: SubscriptionOptions
    ) async -> Opening {
        var parameters: TRPCConnectionParams?
        do {
            parameters = try await target.connectionParams?()
        } catch {
            return .input(Task.isCancelled ? .cancelled : .noConnectionParams(error))
        }
        switch link {
        case .webSocket(let request, let transport):
            return await open(request, transport, target, parameters, lastEventID, options)
        case .eventStream(let endpoint, let headers, let transport):
            return await open(endpoint, headers, transport, target, parameters, lastEventID, options)
        }
    }

    private static func open(
        _ request: WebSocketRequest, _ transport: any WebSocketTransport, _ target: SubscriptionTarget,
        _ parameters: TRPCConnectionParams?, _ lastEventID: String?, _ options: SubscriptionOptions
    ) async -> Opening {
        var request = request
        let saysParams = target.connectionParams != nil
        request.url = TRPCEndpoint(url: request.url).socketURL(announcingConnectionParams: saysParams)
        let call = TRPCClientMessage.request(
            TRPCRequest(
                SubscriptionMachine.envelope, .subscription, path: target.path, input: target.input,
                lastEventID: lastEventID))
        do throws(TransportError) {
            let connection = try await transport.connect(to: request, timeouts: options.socketTimeouts)
            if saysParams { try await connection.send(.text(TRPCConnectionParams.frame(parameters))) }
            try await connection.send(.text(call.text))
            return .connection(SubscriptionConnection(.socket(connection), options))
        } catch {
            return .input(.failed(error))
        }
    }

    private static func open(
        _ endpoint: TRPCEndpoint, _ headers: HeaderFields, _ transport: any HTTPTransport,
        _ target: SubscriptionTarget, _ parameters: TRPCConnectionParams?, _ lastEventID: String?,
        _ options: SubscriptionOptions
    ) async -> Opening {
        var request = endpoint.subscription(target.path, input: target.input, connectionParams: parameters)
        request.headers = headers
        do throws(HeaderFieldError) {
            if !headers.contains(name: "accept") { try request.headers.set("accept", "text/event-stream") }
            if !headers.contains(name: "cache-control") { try request.headers.set("cache-control", "no-cache") }
            if let lastEventID { try request.headers.set("last-event-id", lastEventID) }
        } catch {
            return .input(
                .unacceptable(
                    SubscriptionError(.invalidRequest, "the request cannot be sent: \(error)", underlying: error)))
        }
        do throws(TransportError) {
            let response = try await transport.send(request, timeouts: options.timeouts)
            guard response.head.status == 200, response.head.headers.mediaType == "text/event-stream" else {
                return .input(.rejected(response.head, await refusal(in: response, options)))
            }
            return .connection(SubscriptionConnection(.body(response.body.makeAsyncIterator()), options))
        } catch {
            return .input(.failed(error))
        }
    }

    /// What a response that is no event stream says.
    private static func refusal(in response: TransportResponse, _ options: SubscriptionOptions) async -> TRPCError? {
        guard response.head.status != 204, let bytes = try? await response.body.collect(upTo: 16 << 10),
            let answers = try? TRPCResponse.parse(String(decoding: bytes, as: UTF8.self), limits: options.limits),
            case .error(let error)? = answers.first
        else { return nil }
        return error
    }

    /// Sends a message of the protocol, which only a WebSocket takes.
    func send(_ message: TRPCClientMessage) async -> SubscriptionMachine.Input {
        guard case .socket(let connection) = carrier else { return .done }
        do throws(TransportError) {
            try await connection.send(.text(message.text))
            return .done
        } catch {
            return .failed(error)
        }
    }

    /// The next input, or `silent` when none comes in time.
    mutating func receive(within patience: Duration?, clock: any Clock<Duration>) async -> SubscriptionMachine.Input {
        while true {
            if taken < inputs.count {
                defer { taken += 1 }
                return inputs[taken]
            }
            inputs.removeAll(keepingCapacity: true)
            taken = 0
            let carrier = carrier
            let received = await Patience.run(patience, clock: clock) { () async -> Result<Piece?, TransportError> in
                do throws(TransportError) {
                    return .success(try await carrier.next())
                } catch {
                    return .failure(error)
                }
            }
            switch received {
            case nil: return .silent
            case .failure(let error): return .failed(error)
            case .success(nil): return .ended
            case .success(.message(let message)): take(message)
            case .success(.chunk(let chunk)): take(chunk)
            }
        }
    }

    private mutating func take(_ message: WebSocketMessage) {
        guard case .text(let text) = message else {
            return inputs.append(
                .unacceptable(SubscriptionError(.invalidMessage, "the server sent a binary message")))
        }
        do throws(TRPCError) {
            inputs = try TRPCServerMessage.parse(text, limits: options.limits).map { .message($0) }
        } catch {
            inputs.append(
                .unacceptable(
                    SubscriptionError(.invalidMessage, "the server sent no message of tRPC: \(error.message)")))
        }
    }

    private mutating func take(_ chunk: [UInt8]) {
        var events: [ServerSentEvent] = []
        do throws(ServerSentEventError) {
            try parser.parse(chunk, into: &events)
            take(events)
        } catch {
            // The events before it come first.
            take(events)
            inputs.append(
                .unacceptable(
                    SubscriptionError(.invalidMessage, "the stream is not acceptable: \(error)", underlying: error)))
        }
    }

    private mutating func take(_ events: [ServerSentEvent]) {
        for event in events {
            do throws(TRPCError) {
                if let event = try TRPCStreamEvent(event, limits: options.limits) { inputs.append(.event(event)) }
            } catch {
                inputs.append(
                    .unacceptable(
                        SubscriptionError(.invalidMessage, "the server sent no event of tRPC: \(error.message)")))
            }
        }
    }

    /// Closes in order.
    func close() async {
        if case .socket(let connection) = carrier { await connection.close() }
    }
}
