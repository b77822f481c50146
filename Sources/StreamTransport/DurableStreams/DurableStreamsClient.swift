public import StreamCore
public import WireProtocols

/// A client of one stream of a Durable Streams 1.0 server (durable-streams/durable-streams, PROTOCOL.md), over any ``HTTPTransport``.
///
///     let stream = DurableStreamsClient("https://example.org/v1/stream/runs/7", on: transport)
///     try await stream.create(contentType: "application/json")
///     for try await batch in stream.tail() { show(try batch.messages()) }
///
/// Each call is one request. What repeats a request after a failure is ``tail(after:by:)``, which goes on where it was, and ``DurableStreamsProducer``,
/// whose appends are taken once however often they are sent.
public struct DurableStreamsClient: Sendable {
    /// The stream's URL.
    public let url: String
    let transport: any HTTPTransport
    let headers: HeaderFields
    let timeouts: TransportTimeouts
    let retry: RetryPolicy
    let clock: any Clock<Duration>
    let random: any RandomNumberGenerator & Sendable

    /// The most bytes that one answer may have; a server sends less at a time.
    public static let maxAnswer = 64 << 20

    /// A client.
    ///
    /// - Parameters:
    ///   - url: The stream's URL, without a query.
    ///   - transport: Carries the requests.
    ///   - headers: Fields that each request has, `authorization` say.
    ///   - timeouts: How long the phases of a request may take; a long-poll is answered within its server's patience, usually 30 seconds.
    ///   - retry: When a failed request of a tail or a producer is sent again.
    ///   - clock: Measures the delays in between.
    ///   - random: The source of their jitter.
    public init(
        _ url: String, on transport: any HTTPTransport, headers: HeaderFields = [:],
        timeouts: TransportTimeouts = TransportTimeouts(), retry: RetryPolicy = RetryPolicy(),
        clock: any Clock<Duration> = ContinuousClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.url = url
        self.transport = transport
        self.headers = headers
        self.timeouts = timeouts
        self.retry = retry
        self.clock = clock
        self.random = random
    }

    /// Makes the stream, or finds it with the same configuration.
    ///
    /// - Parameters:
    ///   - contentType: What it holds.
    ///   - lifetime: When it ends by itself.
    ///   - body: Its first content; of a JSON stream, one message or an array of them.
    ///   - closes: Whether that is all of it.
    /// - Throws: ``DurableStreamsClientError``: `conflict` when it is there with another configuration.
    @discardableResult
    public func create(
        contentType: String, lifetime: DurableStreamsCreation.Lifetime? = nil, body: [UInt8] = [], closes: Bool = false
    ) async throws(DurableStreamsClientError) -> DurableStreamsState {
        var fields = [("content-type", contentType)]
        switch lifetime {
        case nil: break
        case .ttl(let seconds): fields.append((DurableStreamsField.ttl, String(seconds)))
        case .until(let end):
            guard let text = InternetDate.text(end) else {
                throw DurableStreamsClientError(.refused, "the end of its life is beyond the year 9999")
            }
            fields.append((DurableStreamsField.expiresAt, text))
        }
        if closes { fields.append((DurableStreamsField.closed, "true")) }
        let head = try await exchange("PUT", fields, body).head
        return try DurableStreamsState(head, isNew: head.status == 201)
    }

    /// Asks where the stream ends, and whether it is closed; does not extend its life.
    ///
    /// - Throws: ``DurableStreamsClientError``: `notFound`, `gone`.
    public func state() async throws(DurableStreamsClientError) -> DurableStreamsState {
        try DurableStreamsState(try await exchange("HEAD", []).head, isNew: false)
    }

    /// Appends once, unconditionally: where the answer is lost, nobody knows whether it was done (see ``DurableStreamsProducer``).
    ///
    /// - Parameters:
    ///   - body: What is appended; of a JSON stream, one message or an array of them. Not empty.
    ///   - contentType: What the stream holds.
    ///   - sequence: A text that must sort after that of the last append.
    ///   - closes: Whether nothing follows.
    /// - Throws: ``DurableStreamsClientError``: `notFound`, `gone`, `closed`, `conflict`.
    @discardableResult
    public func append(
        _ body: [UInt8], contentType: String, sequence: String? = nil, closes: Bool = false
    ) async throws(DurableStreamsClientError) -> DurableStreamsState {
        try await append(
            body, DurableStreamsAppend(contentType: contentType, sequence: sequence, closes: closes))
    }

    func append(
        _ body: [UInt8], _ asked: DurableStreamsAppend
    ) async throws(DurableStreamsClientError) -> DurableStreamsState {
        var fields: [(String, String)] = []
        if let contentType = asked.contentType, !body.isEmpty { fields.append(("content-type", contentType)) }
        if let sequence = asked.sequence { fields.append((DurableStreamsField.sequence, sequence)) }
        if asked.closes { fields.append((DurableStreamsField.closed, "true")) }
        if let producer = asked.producer {
            fields.append((DurableStreamsField.producerID, producer.id))
            fields.append((DurableStreamsField.producerEpoch, String(producer.epoch)))
            fields.append((DurableStreamsField.producerSequence, String(producer.sequence)))
        }
        let head = try await exchange("POST", fields, body).head
        return try DurableStreamsState(head, isNew: asked.producer == nil || head.status == 200)
    }

    /// Ends the stream for good; ending it again changes nothing.
    ///
    /// - Throws: ``DurableStreamsClientError``.
    @discardableResult
    public func close() async throws(DurableStreamsClientError) -> DurableStreamsState {
        try await append([], DurableStreamsAppend(closes: true))
    }

    /// Removes the stream.
    ///
    /// - Throws: ``DurableStreamsClientError``.
    public func delete() async throws(DurableStreamsClientError) {
        _ = try await exchange("DELETE", [])
    }

    /// Reads what is there behind an offset, as much as the server gives at a time.
    ///
    /// - Parameter offset: What an earlier read or append returned; nil for the beginning.
    /// - Throws: ``DurableStreamsClientError``: `gone` when what follows is not kept.
    public func read(after offset: String? = nil) async throws(DurableStreamsClientError) -> DurableStreamsBatch {
        let (head, body) = try await exchange("GET", [], query: "offset=\(PercentEncoding.encode(offset ?? "-1"))")
        return try DurableStreamsBatch(head, body)
    }
}

extension DurableStreamsBatch {
    init(_ head: ExchangeResponseHead, _ body: [UInt8]) throws(DurableStreamsClientError) {
        let state = try DurableStreamsState(head, isNew: false)
        self.init(
            bytes: body, nextOffset: state.nextOffset,
            isUpToDate: head.headers.isTrue(DurableStreamsField.upToDate), isClosed: state.isClosed)
    }
}

extension DurableStreamsClient {
    func request(
        _ method: String, _ fields: [(String, String)], _ body: [UInt8], query: String
    ) throws(DurableStreamsClientError) -> ExchangeRequest {
        var request = ExchangeRequest(
            method: method, url: query.isEmpty ? url : "\(url)?\(query)", headers: headers, body: body)
        do throws(HeaderFieldError) {
            for (name, value) in fields { try request.headers.set(name, value) }
        } catch {
            throw DurableStreamsClientError(.refused, "the request cannot be sent: \(error)")
        }
        return request
    }

    /// One request and its answer, whole.
    func exchange(
        _ method: String, _ fields: [(String, String)], _ body: [UInt8] = [], query: String = ""
    ) async throws(DurableStreamsClientError) -> (head: ExchangeResponseHead, body: [UInt8]) {
        let request = try request(method, fields, body, query: query)
        let (head, answer) = try await send(request)
        do throws(TransportError) {
            return (head, try await answer.collect(upTo: DurableStreamsClient.maxAnswer))
        } catch {
            throw DurableStreamsClientError(error)
        }
    }

    /// Sends a request whose answer is a success; its body follows.
    func send(
        _ request: ExchangeRequest
    ) async throws(DurableStreamsClientError) -> (head: ExchangeResponseHead, body: ResponseBody) {
        let response: TransportResponse
        do throws(TransportError) { response = try await transport.send(request, timeouts: timeouts) } catch {
            throw DurableStreamsClientError(error)
        }
        guard response.head.isSuccess else {
            let said = (try? await response.body.collect(upTo: 16 << 10)) ?? []
            throw DurableStreamsClientError(response.head, said, to: request)
        }
        return (response.head, response.body)
    }
}
