import StreamTransport
import WireProtocols

/// What a check works with: the transport, and ways to say what it must do.
struct ComplianceRun: TimedCheckRun {
    typealias Failure = TransportError

    let check: String
    let transport: any HTTPTransport
    let expectations: TransportCompliance.Expectations
    /// The certificate of the servers, when they speak TLS.
    let tls: LoopbackTLS?

    var patience: Duration { expectations.patience }

    func withServer<Value>(
        _ respond: @escaping @Sendable (LoopbackRequest) -> LoopbackResponse,
        body: (LoopbackServer) async throws -> Value
    ) async throws -> Value {
        try await withLoopbackServer(over: tls, respond, body: body)
    }

    func withUnresponsiveServer<Value>(_ body: (_ url: String) async throws -> Value) async throws -> Value {
        try await withUnresponsivePort { url in
            try await body(tls == nil ? url : "https" + url.dropFirst("http".count))
        }
    }

    /// Runs `work`, which must fail with a `TransportError` of one of the codes.
    func fails(
        _ what: String, _ codes: [TransportError.Code], within limit: Duration? = nil,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        let error = try await failure(of: what, expecting: "\(codes)", within: limit, work)
        try require(codes.contains(error.code), "\(what): expected \(codes), got \(error)")
        try require(!error.message.isEmpty, "\(what): the error has no message")
    }

    /// The request with the given number, which must come in time.
    func exchange(_ number: Int, of server: LoopbackServer) async throws -> LoopbackExchange {
        try await inTime("request \(number)") { try await server.exchange(number) }
    }

    func send(_ request: ExchangeRequest, _ timeouts: TransportTimeouts = .none) async throws -> TransportResponse {
        try await transport.send(request, timeouts: timeouts)
    }

    func get(_ url: String, _ timeouts: TransportTimeouts = .none) async throws -> TransportResponse {
        try await send(ExchangeRequest(url: url), timeouts)
    }

    /// Reads a body that must be the first `count` bytes of the pattern.
    func requirePattern(_ body: ResponseBody, count: Int, _ what: String) async throws {
        var position = 0
        for try await chunk in body {
            try require(!chunk.isEmpty, "\(what): an empty chunk")
            try require(
                LoopbackPattern.matches(chunk, at: position),
                "\(what): other bytes than were sent, behind byte \(position)")
            position += chunk.count
        }
        try require(position == count, "\(what): \(position) bytes instead of \(count)")
    }

    /// Waits until a condition holds, looking every few milliseconds; for what the process holds there is no event to wait for.
    func eventually(limit: Duration, _ condition: () -> Bool) async throws -> Bool {
        for _ in 0..<PatientTime.steps(in: limit) {
            if condition() { return true }
            try await Task.sleep(for: PatientTime.step)
        }
        return condition()
    }
}
