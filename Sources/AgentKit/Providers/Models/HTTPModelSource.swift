internal import StreamCore
internal import StreamTransport
internal import WireProtocols

/// One response of a provider over HTTP, pulled: the body's chunks through the dialect's decoder.
struct HTTPModelSource: ModelEventSource {
    private enum State {
        case idle
        case streaming(ResponseBody.Iterator)
        case failed(ModelError)
        case ended
    }

    /// The most bytes of an answer that is not streamed.
    private static let maxWholeBytes = 32 << 20
    /// The most bytes of an error's body.
    private static let maxErrorBytes = 64 << 10

    private let connection: ProviderConnection
    private let makeRequest: @Sendable () throws(ModelError) -> ExchangeRequest
    private var state = State.idle
    private var decoder: ModelStreamDecoder
    private var requestID: String?

    init(
        connection: ProviderConnection, resuming cursor: ResponseCursor?,
        makeRequest: @escaping @Sendable () throws(ModelError) -> ExchangeRequest
    ) {
        self.connection = connection
        self.makeRequest = makeRequest
        decoder = ModelStreamDecoder(dialect: connection.dialect, resuming: cursor)
    }

    mutating func nextBatch() async throws(ModelError) -> [ModelEvent]? {
        do throws(ModelError) {
            let current = state
            state = .ended
            switch current {
            case .idle: return try await start()
            case .streaming(var chunks): return try await read(&chunks)
            case .failed(let error): throw error
            case .ended: return nil
            }
        } catch {
            state = .ended
            throw completed(error)
        }
    }

    // MARK: Response

    private mutating func start() async throws(ModelError) -> [ModelEvent]? {
        let request = try makeRequest()
        let response: TransportResponse
        do throws(TransportError) {
            response = try await connection.transport.send(request, timeouts: connection.timeouts)
        } catch {
            throw HTTPModelSource.modelError(error)
        }
        let head = response.head
        requestID = head.headers["request-id"] ?? head.headers["x-request-id"]
        guard head.isSuccess else {
            let body = await HTTPModelSource.beginning(of: response.body, upTo: HTTPModelSource.maxErrorBytes)
            throw ErrorResponse.modelError(head, body: body, url: request.redactedURL)
        }
        var chunks = response.body.makeAsyncIterator()
        switch head.headers.mediaType {
        case "text/event-stream": return try await read(&chunks)
        case let type? where type == "application/json" || type.hasSuffix("+json"):
            return try await readWhole(&chunks, [], request)
        default: return try await readUnlabelled(&chunks, request)
        }
    }

    /// Some servers say nothing about what they send, or the wrong thing: the first byte tells.
    private mutating func readUnlabelled(
        _ chunks: inout ResponseBody.Iterator, _ request: ExchangeRequest
    ) async throws(ModelError) -> [ModelEvent]? {
        while let chunk = try await next(&chunks) {
            guard let first = chunk.first(where: { $0 > 0x20 }) else { continue }
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "<") {
                return try await readWhole(&chunks, chunk, request)
            }
            var events: [ModelEvent] = []
            if let events = deliver(chunk, &events) { return events }
            return try await read(&chunks)
        }
        return try end()
    }

    // MARK: Stream

    private mutating func read(_ chunks: inout ResponseBody.Iterator) async throws(ModelError) -> [ModelEvent]? {
        while true {
            let chunk: [UInt8]?
            do throws(TransportError) {
                chunk = try await chunks.next()
            } catch {
                return try broken(error)
            }
            guard let chunk else { return try end() }
            var events: [ModelEvent] = []
            events.reserveCapacity(chunk.count / 96)
            if let events = deliver(chunk, &events) {
                if case .ended = state, !decoder.isFinished { state = .streaming(chunks) }
                return events
            }
            if case .failed(let error) = state { throw error }
        }
    }

    /// Decodes a chunk; nil when no event came of it.
    ///
    /// An error is kept until the events before it are delivered.
    private mutating func deliver(_ chunk: [UInt8], _ events: inout [ModelEvent]) -> [ModelEvent]? {
        do throws(ModelError) {
            try decoder.decode(chunk, into: &events)
        } catch {
            state = .failed(error)
        }
        return events.isEmpty ? nil : events
    }

    private mutating func end() throws(ModelError) -> [ModelEvent]? {
        var events: [ModelEvent] = []
        do throws(ModelError) {
            try decoder.finish(into: &events)
        } catch {
            if events.isEmpty { throw error }
            state = .failed(error)
        }
        return events.isEmpty ? nil : events
    }

    /// The connection broke.
    ///
    /// When the answer was complete, only its last event missing, nothing is worth a retry.
    private mutating func broken(_ error: TransportError) throws(ModelError) -> [ModelEvent]? {
        guard error.code != .cancelled else { throw HTTPModelSource.modelError(error) }
        do throws(ModelError) {
            return try end()
        } catch let truncation {
            throw truncation.isRetryable ? HTTPModelSource.modelError(error) : truncation
        }
    }

    // MARK: Whole answers

    private mutating func readWhole(
        _ chunks: inout ResponseBody.Iterator, _ first: [UInt8], _ request: ExchangeRequest
    ) async throws(ModelError) -> [ModelEvent]? {
        var body = first
        while let chunk = try await next(&chunks) {
            body += chunk
            guard body.count <= HTTPModelSource.maxWholeBytes else {
                throw ModelError(
                    kind: .malformedResponse,
                    message: "the answer has more than \(HTTPModelSource.maxWholeBytes) bytes: ask for it as a stream")
            }
        }
        if body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
            throw ModelError(
                kind: .malformedResponse,
                message: "\(request.redactedURL) answered with a web page, not as a model: check the base URL")
        }
        var events: [ModelEvent] = []
        do throws(ModelError) {
            try decoder.decodeWhole(body, into: &events)
            state = .ended
        } catch {
            if events.isEmpty { throw error }
            state = .failed(error)
        }
        return events.isEmpty ? nil : events
    }

    private func next(_ chunks: inout ResponseBody.Iterator) async throws(ModelError) -> [UInt8]? {
        do throws(TransportError) {
            return try await chunks.next()
        } catch {
            throw HTTPModelSource.modelError(error)
        }
    }

    /// What can be had of a body; how it ends does not matter.
    private static func beginning(of body: ResponseBody, upTo limit: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        var chunks = body.makeAsyncIterator()
        while bytes.count < limit, let chunk = try? await chunks.next() { bytes += chunk }
        return Array(bytes.prefix(limit))
    }

    // MARK: Errors

    private static func modelError(_ error: TransportError) -> ModelError {
        ModelError(kind: error.kind, message: error.message, underlying: error)
    }

    /// The error with what the response's head said, and without the key.
    private func completed(_ error: ModelError) -> ModelError {
        var error = error
        error.requestID = error.requestID ?? requestID
        if let credential = connection.credential { error.message = credential.redact(error.message) }
        return error
    }
}
