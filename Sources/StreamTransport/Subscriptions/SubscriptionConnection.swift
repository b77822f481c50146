import ServerSentEvents
import StreamCore
import WireProtocols

/// One connection of a subscription: opens it, and turns what comes into the machine's inputs.
struct SubscriptionConnection: Sendable {
    private enum Carrier: Sendable {
        case socket(WebSocketConnection)
        case body(ResponseBody.Iterator, ServerSentEventParser)
    }

    private var carrier: Carrier
    private let options: SubscriptionOptions
    private var inputs: [SubscriptionMachine.Input] = []
    private var taken = 0

    private init(_ carrier: Carrier, _ options: SubscriptionOptions) {
        self.carrier = carrier
        self.options = options
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
            // The id that the client has stays the last one until another comes, but is none of the next value's.
            let parser = ServerSentEventParser(limits: options.eventLimits)
            return .connection(
                SubscriptionConnection(.body(response.body.makeAsyncIterator(), parser), options))
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
            switch carrier {
            case .socket(let connection):
                if let input = await receive(connection, within: patience, clock: clock) { return input }
            case .body(let body, var parser):
                if let input = await receive(body, &parser, within: patience, clock: clock) { return input }
                carrier = .body(body, parser)
            }
        }
    }

    private mutating func receive(
        _ connection: WebSocketConnection, within patience: Duration?, clock: any Clock<Duration>
    ) async -> SubscriptionMachine.Input? {
        let received = await Patience.run(patience, clock: clock) {
            () async -> Result<WebSocketMessage?, TransportError> in
            do throws(TransportError) {
                return .success(try await connection.receive())
            } catch {
                return .failure(error)
            }
        }
        switch received {
        case nil: return .silent
        case .failure(let error): return .failed(error)
        case .success(nil): return .ended
        case .success(.binary):
            return .unacceptable(SubscriptionError(.invalidMessage, "the server sent a binary message"))
        case .success(.text(let text)):
            do throws(TRPCError) {
                inputs = try TRPCServerMessage.parse(text, limits: options.limits).map { .message($0) }
                return nil
            } catch {
                return .unacceptable(
                    SubscriptionError(.invalidMessage, "the server sent no message of tRPC: \(error.message)"))
            }
        }
    }

    private mutating func receive(
        _ body: ResponseBody.Iterator, _ parser: inout ServerSentEventParser, within patience: Duration?,
        clock: any Clock<Duration>
    ) async -> SubscriptionMachine.Input? {
        let received = await Patience.run(patience, clock: clock) { () async -> Result<[UInt8]?, TransportError> in
            // A copy: all of its state that lasts is shared.
            var body = body
            do throws(TransportError) {
                return .success(try await body.next())
            } catch {
                return .failure(error)
            }
        }
        switch received {
        case nil: return .silent
        case .failure(let error): return .failed(error)
        case .success(nil): return .ended
        case .success(.some(let chunk)):
            var events: [ServerSentEvent] = []
            do throws(ServerSentEventError) {
                try parser.parse(chunk, into: &events)
            } catch {
                // The events before it come first.
                take(events)
                inputs.append(
                    .unacceptable(
                        SubscriptionError(.invalidMessage, "the stream is not acceptable: \(error)", underlying: error))
                )
                return nil
            }
            take(events)
            return nil
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
