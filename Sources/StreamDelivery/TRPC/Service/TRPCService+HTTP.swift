import StreamCore
import WireProtocols

extension TRPCService: DeliveryHandler {
    /// Answers a request below the base path (trpc/trpc, `http/resolveResponse.ts`).
    ///
    /// Queries, mutations and batches of them are answered with JSON, subscriptions with an event stream, on which their errors go as well. What there
    /// is no procedure for is a 404 with `{"error":…}`.
    public func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        guard request.path.hasPrefix(options.basePath + "/") else {
            return TRPCService.answer(TRPCError(.notFound, "no procedures are served here"))
        }
        guard request.method != "HEAD" else { return DeliveryResponse(status: 204) }
        if let preflight = access.origins.preflight(request, methods: "GET, POST") { return preflight }
        var response: DeliveryResponse
        do throws(TRPCError) {
            response = try await respond(try read(request), to: request)
        } catch {
            response = TRPCService.answer(error)
        }
        access.origins.allow(request, &response.headers)
        return response
    }

    private struct Reading {
        var calls: TRPCCalls
        var connectionParams: TRPCConnectionParams?
        var lastEventID: String?
    }

    private func read(_ request: DeliveryRequest) throws(TRPCError) -> Reading {
        do throws(DeliveryRefusal) {
            try options.requests.check(request)
        } catch {
            report(error, request)
            throw TRPCError(error)
        }
        let query = request.queryItems
        guard query.isComplete else { throw TRPCError(.badRequest, "the query is not encoded well") }
        let path = request.path.dropFirst(options.basePath.utf8.count + 1)
        guard let path = PercentEncoding.decode(path) else {
            throw TRPCError(.badRequest, "the path is not encoded well")
        }
        if request.method != "GET", request.headers.mediaType != "application/json" {
            throw TRPCError(.unsupportedMediaType, "a body must have the content-type application/json")
        }
        if (request.headers["trpc-accept"] ?? request.headers["accept"])?.contains("application/jsonl") == true {
            throw TRPCError(.unsupportedMediaType, "answers are not streamed here: use httpBatchLink, or httpLink")
        }
        let isBatch = query["batch"] == "1"
        var reading = Reading(
            calls: try TRPCCalls(path: path, isBatch: isBatch, input: try input(request, query), limits: options.limits)
        )
        if let text = query["connectionParams"] {
            reading.connectionParams = try TRPCConnectionParams.parse(query: text, limits: options.limits)
        }
        let id = request.headers["last-event-id"] ?? query["lastEventId"] ?? query["Last-Event-Id"] ?? ""
        if !id.isEmpty { reading.lastEventID = try options.limits.eventID(id) }
        return reading
    }

    private func input(_ request: DeliveryRequest, _ query: QueryItems) throws(TRPCError) -> String? {
        guard request.method != "GET" else { return query["input"] }
        guard request.body.count <= options.limits.messageSize else {
            throw TRPCError(.payloadTooLarge, "a body may have \(options.limits.messageSize) bytes")
        }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw TRPCError(.badRequest, "the body is not UTF-8")
        }
        return text
    }

    private func respond(_ reading: Reading, to request: DeliveryRequest) async throws(TRPCError) -> DeliveryResponse {
        let types = Set(reading.calls.calls.compactMap { procedures[$0.path]?.type.rawValue })
        guard types.count <= 1 else {
            throw TRPCError(
                .badRequest, "Cannot mix procedure types in call: \(types.sorted().joined(separator: ", "))")
        }
        let identity: Identity
        do throws(DeliveryRefusal) {
            identity = .success(try await authenticate(request, reading.connectionParams))
        } catch {
            identity = .failure(error)
        }
        let prepared = reading.calls.calls.map { prepare($0, reading, request, identity) }
        if !reading.calls.isBatch, case .subscription? = procedures[reading.calls.calls[0].path] {
            if case .failure(let refusal) = identity, refusal.isTemporary { return TRPCService.farewell(refusal) }
            return await stream(prepared[0], request)
        }
        let responses = await answers(prepared)
        let value: JSONValue = reading.calls.isBatch ? .array(responses.map(\.json)) : responses[0].json
        return TRPCService.answer(value, status: TRPCResponse.status(of: responses))
    }

    private typealias Identity = Result<DeliveryPrincipal, DeliveryRefusal>
    /// A call that may be made, or why it may not.
    private typealias Prepared = Result<(Procedure, ProcedureCall), TRPCError>

    private func prepare(
        _ call: TRPCCalls.Call, _ reading: Reading, _ request: DeliveryRequest,
        _ identity: Identity
    ) -> Prepared {
        guard let procedure = procedures[call.path] else {
            return .failure(TRPCError(.notFound, "No procedure found on path \"\(call.path)\"", path: call.path))
        }
        guard request.method == (procedure.type == .mutation ? "POST" : "GET") else {
            let message =
                "Unsupported \(request.method)-request to \(procedure.type.rawValue) procedure at path \"\(call.path)\""
            return .failure(TRPCError(.methodNotSupported, message, path: call.path))
        }
        if procedure.type == .subscription, reading.calls.isBatch {
            return .failure(TRPCError(.badRequest, "Cannot batch subscription calls", path: call.path))
        }
        switch identity {
        case .failure(let refusal): return .failure(TRPCError(refusal).at(call.path))
        case .success(let principal):
            if let error = reading.calls.inputError { return .failure(error.at(call.path)) }
            let isSubscription = procedure.type == .subscription
            return .success(
                (
                    procedure,
                    ProcedureCall(
                        path: call.path, input: call.input, lastEventID: isSubscription ? reading.lastEventID : nil,
                        request: request, connectionParams: reading.connectionParams, principal: principal)
                ))
        }
    }

    private func answers(_ calls: [Prepared]) async -> [TRPCResponse] {
        await withTaskGroup(of: (Int, TRPCResponse).self) { group in
            for (number, call) in calls.enumerated() {
                group.addTask { (number, await TRPCService.answer(call)) }
            }
            var responses: [TRPCResponse] = Array(repeating: .result(.null), count: calls.count)
            for await (number, response) in group { responses[number] = response }
            return responses
        }
    }

    private static func answer(_ call: Prepared) async -> TRPCResponse {
        switch call {
        case .failure(let error): return .error(error)
        case .success((.subscription, let call)):
            return .error(TRPCError(.badRequest, "a subscription has no answer", path: call.path))
        case .success((.call(_, let body), let call)):
            switch await call.answer(body) {
            case .success(let value): return .result(value)
            case .failure(let error): return .error(error)
            }
        }
    }

    private func stream(_ call: Prepared, _ request: DeliveryRequest) async -> DeliveryResponse {
        let events: TRPCEventStream
        switch call {
        case .failure(let error): events = TRPCEventStream(service: self, failure: error)
        case .success((.call, let call)):
            events = TRPCEventStream(service: self, failure: TRPCError(.internalServerError, path: call.path))
        case .success((.subscription(let body), let call)):
            do throws(DeliveryRefusal) {
                let connection = try connections.admit(
                    call.context.principal, address: request.remoteAddress, transport: "trpc-sse")
                switch await call.plan(body) {
                case .failure(let error): events = TRPCEventStream(service: self, failure: error)
                case .success(let plan):
                    events = await TRPCEventStream.begin(plan, call, connection, service: self)
                }
            } catch {
                return TRPCService.farewell(error)
            }
        }
        return DeliveryResponse(headers: TRPCService.streamHeaders, body: .stream(events))
    }

    // An EventSource that is not answered with 200 never comes again, and an error of tRPC that says so ends its client's subscription too: who comes too often,
    // or too early, is told to come later in a stream that ends at once.
    private static func farewell(_ refusal: DeliveryRefusal) -> DeliveryResponse {
        DeliveryResponse(
            headers: streamHeaders,
            body: .bytes(TRPCEventStream.farewell(refusal.message, retry: refusal.retryAfter ?? .seconds(5))))
    }

    private static let streamHeaders: HeaderFields = [
        "content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no",
        "vary": "trpc-accept, accept",
    ]

    private static func answer(_ error: TRPCError) -> DeliveryResponse {
        answer(TRPCResponse.error(error).json, status: error.code.httpStatus)
    }

    private static func answer(_ value: JSONValue, status: Int) -> DeliveryResponse {
        var bytes: [UInt8] = []
        value.write(into: &bytes)
        return DeliveryResponse(
            status: status, headers: ["content-type": "application/json", "vary": "trpc-accept, accept"],
            body: .bytes(bytes))
    }
}

extension DeliveryRefusal {
    /// Whether the same request may be answered later.
    fileprivate var isTemporary: Bool { code == .rateLimited || code == .unavailable }
}
