import AgentKitTesting
import DurableLog
import ServerSentEvents
import StreamCore
import StreamDelivery
import StreamTransport
import Synchronization
import Testing
import WireProtocols

/// The client of Durable Streams against the endpoint, without a network but with its faults.
@Suite struct StreamClientTests {
    /// Carries requests to the endpoint and its answers back, and loses some of them.
    final class Line: HTTPTransport {
        enum Loss: Sendable {
            /// The request does not arrive.
            case request
            /// It is done, and nobody hears of it.
            case answer
            /// The body breaks after so many bytes.
            case body(after: Int)
            /// Somebody on the way answers in the server's place.
            case status(Int)
        }

        private let server: StreamServer
        private let losses: Mutex<[Loss?]>
        let sent = Mutex<[ExchangeRequest]>([])

        init(_ server: StreamServer, losses: [Loss?] = []) {
            self.server = server
            self.losses = Mutex(losses)
        }

        func send(
            _ request: ExchangeRequest, timeouts: TransportTimeouts
        ) async throws(TransportError) -> TransportResponse {
            sent.withLock { $0.append(request) }
            let loss = losses.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if case .request = loss { throw TransportError(.connectionFailed, "the request was lost") }
            if case .status(let status) = loss {
                return TransportResponse(head: ExchangeResponseHead(status: status), body: ResponseBody(chunks: []))
            }
            let target = request.url.dropFirst("http://example.org".count)
            let response = await server.endpoint.respond(
                to: DeliveryRequest(
                    method: request.method, target: String(target), headers: request.headers, body: request.body))
            if case .answer = loss { throw TransportError(.connectionLost, "the answer was lost") }
            var limit = Int.max
            if case .body(let count) = loss { limit = count }
            let head = ExchangeResponseHead(status: response.status, headers: response.headers)
            return TransportResponse(head: head, body: Line.body(response.body, limit: limit))
        }

        private static func body(_ body: DeliveryBody, limit: Int) -> ResponseBody {
            guard case .stream(let source) = body else {
                if case .bytes(let bytes) = body { return ResponseBody(chunks: [bytes]) }
                return ResponseBody(chunks: [])
            }
            let ready = AppendSignal()
            let shared = source.signal.subscribe { ready.notify() }
            let waiter = ready.subscribe()
            source.attach { ready.notify() }
            let rest = Mutex(limit)
            return ResponseBody(
                next: { () async throws(TransportError) -> [UInt8]? in
                    _ = shared
                    while true {
                        let left = rest.withLock { $0 }
                        guard left > 0 else { throw TransportError(.connectionLost, "the body broke") }
                        switch source.next(maxBytes: 1 << 16) {
                        case .piece(let piece):
                            rest.withLock { $0 -= min(left, piece.bytes.count) }
                            return Array(piece.bytes.prefix(left))
                        case .wait: await waiter.wait()
                        case .end: return nil
                        }
                        if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
                    }
                }, onClose: { source.end() })
        }
    }

    private func client(_ line: Line, _ stream: String = "a") -> DurableStreamsClient {
        DurableStreamsClient(
            "http://example.org/v1/stream/\(stream)", on: line,
            retry: RetryPolicy(maxAttempts: 3, transientBackoff: .fullJitter(cap: .zero)), random: SeededRandom(seed: 1)
        )
    }

    @Test func aStreamIsMadeReadAndEnded() async throws {
        try await StreamServer.with { (server) async throws in
            let stream = client(Line(server))
            let made = try await stream.create(
                contentType: "text/plain", lifetime: .ttl(seconds: 60), body: Array("x".utf8))
            #expect(made.isNew && !made.isClosed && made.contentType == "text/plain")
            #expect(try await stream.create(contentType: "text/plain", lifetime: .ttl(seconds: 60)).isNew == false)
            let last = try await stream.append(Array("y".utf8), contentType: "text/plain", sequence: "1")
            #expect(try await stream.state().nextOffset == last.nextOffset)
            let batch = try await stream.read()
            #expect(
                batch
                    == DurableStreamsBatch(
                        bytes: Array("xy".utf8), nextOffset: last.nextOffset, isUpToDate: true, isClosed: false))
            #expect(try await stream.read(after: made.nextOffset).bytes == Array("y".utf8))
            #expect(try await stream.close().isClosed)
            #expect(try await stream.read(after: last.nextOffset).isClosed)
            try await stream.delete()
            await #expect { try await stream.read() } throws: { ($0 as? DurableStreamsClientError)?.code == .notFound }
        }
    }

    @Test func refusalsHaveCodes() async throws {
        try await StreamServer.with { (server) async throws in
            let stream = client(Line(server))
            func code(_ body: () async throws -> Void) async -> DurableStreamsClientError.Code? {
                do { try await body() } catch { return (error as? DurableStreamsClientError)?.code }
                return nil
            }
            #expect(await code { _ = try await stream.state() } == .notFound)
            try await stream.create(contentType: "text/plain")
            #expect(await code { try await stream.create(contentType: "application/json") } == .conflict)
            #expect(await code { try await stream.append([1], contentType: "image/png") } == .conflict)
            #expect(await code { _ = try await stream.read(after: "nonsense") } == .refused)
            #expect(await code { _ = try await stream.read(after: "00000000000000v") } == .gone)
            let end = try await stream.close().nextOffset
            do throws(DurableStreamsClientError) {
                try await stream.append([1], contentType: "text/plain")
                Issue.record("a closed stream takes an append")
            } catch {
                #expect(error.code == .closed && error.offset == end)
            }
        }
    }

    @Test(arguments: [
        (429, FailureKind.rateLimited), (500, .server), (502, .server), (503, .overloaded), (504, .timeout),
    ])
    func whatIsUnavailableIsTriedAgainByItsKind(status: Int, kind: FailureKind) async throws {
        try await StreamServer.with { (server) async throws in
            let error = await #expect(throws: DurableStreamsClientError.self) {
                try await client(Line(server, losses: [.status(status)])).state()
            }
            #expect(error?.code == .unavailable && error?.kind == kind)
        }
    }

    @Test(arguments: [DurableStreamsClient.TailMode.longPoll, .serverSentEvents])
    func aTailMissesNothing(mode: DurableStreamsClient.TailMode) async throws {
        try await StreamServer.with { (server) async throws in
            let line = Line(server, losses: [.request, .body(after: 3), nil, .answer, .body(after: 90)])
            let stream = client(line)
            try await server.put("a", "application/json", "[0,1]")
            async let read = { () async throws -> [Int] in
                var numbers: [Int] = []
                for try await batch in stream.tail(by: mode) { numbers += try batch.messages().compactMap(\.intValue) }
                return numbers
            }()
            for number in 2..<40 { try await server.post("a", "\(number)", type: "application/json") }
            try await server.post("a", "", [("Stream-Closed", "true")])
            #expect(try await read == Array(0..<40))
        }
    }

    @Test func bytesCrossAnEventStreamAsTheyAre() async throws {
        try await StreamServer.with { (server) async throws in
            let stream = client(Line(server))
            let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
            try await stream.create(contentType: "application/octet-stream", body: bytes, closes: true)
            var read: [UInt8] = []
            for try await batch in stream.tail() { read += batch.bytes }
            #expect(read == bytes)
        }
    }

    @Test func aTailGivesUpWhereTryingAgainIsOfNoUse() async throws {
        try await StreamServer.with { (server) async throws in
            for (losses, code) in [([], .notFound), ([.request, .request, .request, .request], .transport)]
                as [([Line.Loss?], DurableStreamsClientError.Code)]
            {
                let line = Line(server, losses: losses)
                var tail = client(line).tail().makeAsyncIterator()
                do throws(DurableStreamsClientError) {
                    _ = try await tail.next()
                    Issue.record("a tail of nothing")
                } catch {
                    #expect(error.code == code)
                }
                #expect(try await tail.next() == nil)
                #expect(line.sent.withLock { $0.count } == (losses.isEmpty ? 1 : 3))
            }
        }
    }

    @Test func aProducersAppendsAreTakenOnce() async throws {
        try await StreamServer.with { (server) async throws in
            let line = Line(server, losses: [nil, .answer, .request, nil, .answer, .answer])
            let stream = client(line)
            try await stream.create(contentType: "text/plain")
            let producer = DurableStreamsProducer(stream, id: "p", epoch: 1, contentType: "text/plain")
            for number in 0..<6 { try await producer.append(Array("\(number)".utf8)) }
            let last = try await producer.append(Array("end".utf8), closes: true)
            #expect(last.isClosed)
            #expect(try await server.get("a").text == "012345end")
        }
    }

    @Test func appendsAtOnceKeepTheirNumbers() async throws {
        try await StreamServer.with { (server) async throws in
            let stream = client(Line(server, losses: [nil, .answer, nil, .answer]))
            try await stream.create(contentType: "text/plain")
            let producer = DurableStreamsProducer(stream, id: "p", epoch: 0, contentType: "text/plain")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await producer.append([0x78]) } }
                try await group.waitForAll()
            }
            #expect(try await server.get("a").text == String(repeating: "x", count: 50))
        }
    }

    @Test func aProducerThatWasTakenOverStops() async throws {
        try await StreamServer.with { (server) async throws in
            let stream = client(Line(server))
            try await stream.create(contentType: "text/plain")
            let old = DurableStreamsProducer(stream, id: "p", epoch: 0, contentType: "text/plain")
            try await old.append([0x61])
            let new = DurableStreamsProducer(stream, id: "p", epoch: 1, contentType: "text/plain")
            try await new.append([0x62])
            for _ in 0..<2 {
                do throws(DurableStreamsClientError) {
                    try await old.append([0x63])
                    Issue.record("the old one appends")
                } catch {
                    #expect(error.code == .staleEpoch && error.epoch == 1)
                }
            }
            #expect(try await server.get("a").text == "ab")
        }
    }
}
