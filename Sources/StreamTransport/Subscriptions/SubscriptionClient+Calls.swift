public import StreamCore
import WireProtocols

extension SubscriptionClient {
    /// Calls a query, once: nothing is tried again.
    ///
    /// - Throws: ``SubscriptionError``; with ``SubscriptionError/Code/refused`` when the server answers with an error.
    public func query<Value: Decodable>(
        _ path: String, input: some Encodable = JSONValue.null, as type: Value.Type = Value.self
    ) async throws(SubscriptionError) -> Value {
        try await call(.query, path, SubscriptionClient.json(input))
    }

    /// Calls a mutation, once: nothing is tried again, as it may have been done.
    ///
    /// - Throws: ``SubscriptionError``; with ``SubscriptionError/Code/refused`` when the server answers with an error.
    public func mutate<Value: Decodable>(
        _ path: String, input: some Encodable = JSONValue.null, as type: Value.Type = Value.self
    ) async throws(SubscriptionError) -> Value {
        try await call(.mutation, path, SubscriptionClient.json(input))
    }

    private func call<Value: Decodable>(
        _ type: TRPCProcedureType, _ path: String, _ input: JSONValue
    ) async throws(SubscriptionError) -> Value {
        let input = input.isNull ? nil : input
        let answer =
            switch link {
            case .eventStream(let endpoint, let headers, let transport):
                try await exchange(
                    type, TRPCCalls([TRPCCalls.Call(path: path, input: input)], isBatch: false), endpoint, headers,
                    transport)
            case .webSocket(let request, let transport):
                try await exchange(
                    TRPCRequest(SubscriptionMachine.envelope, type, path: path, input: input), request, transport)
            }
        do {
            return try answer.decoded(as: Value.self)
        } catch {
            throw SubscriptionError(.invalidValue, "the answer is no \(Value.self)", underlying: error)
        }
    }

    private func exchange(
        _ type: TRPCProcedureType, _ calls: TRPCCalls, _ endpoint: TRPCEndpoint, _ headers: HeaderFields,
        _ transport: any HTTPTransport
    ) async throws(SubscriptionError) -> JSONValue {
        var request = endpoint.request(calls, type: type)
        for field in headers where !request.headers.contains(name: field.name) { request.headers.append(field) }
        let status: Int
        let body: [UInt8]
        do throws(TransportError) {
            let response = try await transport.send(request, timeouts: options.timeouts)
            status = response.head.status
            body = try await response.body.collect(upTo: options.limits.messageSize)
        } catch {
            throw SubscriptionClient.failure(error)
        }
        let answers = try? TRPCResponse.parse(String(decoding: body, as: UTF8.self), limits: options.limits)
        switch answers?.first {
        case .result(let value)? where (200..<300).contains(status): return value
        case .error(let error)?: throw .refused(error)
        default: throw SubscriptionError(.status, "the server answered with status \(status), and no answer of tRPC")
        }
    }

    private func exchange(
        _ call: TRPCRequest, _ request: WebSocketRequest, _ transport: any WebSocketTransport
    ) async throws(SubscriptionError) -> JSONValue {
        var request = request
        request.url = TRPCEndpoint(url: request.url).socketURL(announcingConnectionParams: connectionParams != nil)
        let first = try await firstFrame()
        let connection: WebSocketConnection
        do throws(TransportError) {
            connection = try await transport.connect(to: request, timeouts: options.socketTimeouts)
            if let first { try await connection.send(.text(first)) }
            try await connection.send(.text(TRPCClientMessage.request(call).text))
            while let message = try await connection.receive() {
                let answers: [TRPCServerMessage]
                do throws(TRPCError) {
                    guard case .text(let text) = message else { throw TRPCError(.parseError, "a binary message") }
                    answers = try TRPCServerMessage.parse(text, limits: options.limits)
                } catch {
                    throw TransportError(.malformedResponse, "the server sent no message of tRPC: \(error.message)")
                }
                for answer in answers {
                    switch answer {
                    case .ping: try await connection.send(.text(TRPCClientMessage.pong.text))
                    case .data(let envelope, _, let value) where envelope.id == call.envelope.id:
                        await connection.close()
                        return value
                    case .error(let envelope, let error) where envelope.id == nil || envelope.id == call.envelope.id:
                        await connection.close()
                        return try SubscriptionClient.refuse(error)
                    default: break
                    }
                }
            }
        } catch {
            throw SubscriptionClient.failure(error)
        }
        throw SubscriptionError(.connectionEnded, "the server ended the connection before it answered")
    }

    // A refusal on its way through what throws the transport's errors.
    private static func refuse(_ error: TRPCError) throws(TransportError) -> JSONValue {
        throw TransportError(.other, error.description, underlying: error)
    }

    private func firstFrame() async throws(SubscriptionError) -> String? {
        guard let connectionParams else { return nil }
        do {
            return TRPCConnectionParams.frame(try await connectionParams())
        } catch {
            throw SubscriptionError(.connectionParams, "there are no connection parameters", underlying: error)
        }
    }

    private static func failure(_ error: TransportError) -> SubscriptionError {
        if let refusal = error.underlying as? TRPCError { return .refused(refusal) }
        if error.code == .cancelled { return SubscriptionError(.cancelled, "the caller's task was cancelled") }
        return SubscriptionError(.transport, "\(error)", underlying: error)
    }
}
