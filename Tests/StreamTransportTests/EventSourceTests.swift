import AgentKitTesting
import ServerSentEvents
import StreamCore
import StreamTransport
import Synchronization
import Testing
import WireProtocols

/// What an event source told, in order.
private final class States: Sendable {
    private let list = Mutex<[String]>([])
    func append(_ state: EventSource.State) {
        let reason = state.reason.map { " \($0.code)" } ?? ""
        list.withLock { $0.append(state.name + reason) }
    }
    func append(_ event: ServerSentEvent) { list.withLock { $0.append("event \(event.data)") } }
    var all: [String] { list.withLock { $0 } }
}

private struct Outcome {
    var told: [String]
    var error: EventSourceError?
}

/// Runs a source to its end on a clock that is moved to each deadline.
private func run(
    _ transport: some HTTPTransport, _ request: ExchangeRequest = ExchangeRequest(url: "http://replay.test/events"),
    options: EventSource.Options = EventSource.Options(), lastEventID: String = "", clock: ManualClock = ManualClock()
) async -> Outcome {
    let states = States()
    let source = EventSource(
        request, on: transport, options: options, lastEventID: lastEventID, clock: clock, random: SeededRandom(seed: 7),
        onStateChange: { states.append($0) })
    let mover = Task {
        while true {
            try await clock.waitForSleepers()
            clock.advanceToNextDeadline()
        }
    }
    var outcome = Outcome(told: [], error: nil)
    do throws(EventSourceError) {
        for try await event in source { states.append(event) }
    } catch {
        outcome.error = error
    }
    mover.cancel()
    _ = await mover.result
    outcome.told = states.all
    return outcome
}

private let stop = ReplayResponse(status: 204)

@Suite("Event source: connections")
struct EventSourceTests {
    @Test("Events over several connections, with the cursor in the header", arguments: [1, 2, 3, 7, 1000])
    func resume(chunkSize: Int) async {
        let transport = ReplayTransport([
            .events("id: 1\ndata: a\n\nid: ü✓\ndata: b\n\nid: 3\ndata: cut", chunkSize: chunkSize),
            .failure(TransportError(.connectionFailed, "test")),
            .events(": hello\n\n", chunkSize: chunkSize),
            .events("event: x\ndata: c\n\nid\n\n", chunkSize: chunkSize),
            stop,
        ])
        let outcome = await run(transport)
        #expect(
            outcome.told == [
                "connecting", "open", "event a", "event b", "waiting connectionEnded",
                "connecting", "waiting transport",
                "connecting", "open", "waiting connectionEnded",
                "connecting", "open", "event c", "waiting connectionEnded",
                "connecting", "closed stopped",
            ])
        #expect(outcome.error == nil)
        #expect(transport.requests.map { $0.headers["last-event-id"] } == [nil, "ü✓", "ü✓", "ü✓", nil])
        #expect(transport.openBodies == 0)
    }

    @Test("The request: accept and cache-control are added, all else stays")
    func request() async throws {
        let transport = ReplayTransport([.events(""), stop])
        let request = ExchangeRequest(
            method: "POST", url: "http://replay.test/run",
            headers: ["authorization": "Bearer x", "cache-control": "no-store"],
            body: [1, 2])
        _ = await run(transport, request, lastEventID: "7")
        #expect(transport.requests.count == 2)
        for sent in transport.requests {
            #expect(sent.method == "POST")
            #expect(sent.body == [1, 2])
            #expect(sent.headers["accept"] == "text/event-stream")
            #expect(sent.headers.values(of: "cache-control") == ["no-store"])
            #expect(sent.headers["authorization"] == "Bearer x")
            #expect(sent.headers["last-event-id"] == "7")
        }
        #expect(transport.timeouts.first == EventSource.Options().timeouts)
    }

    @Test("An id that no header can carry ends it before anything is sent")
    func invalidID() async {
        let transport = ReplayTransport([stop])
        let outcome = await run(transport, lastEventID: "a\nb")
        #expect(outcome.error?.code == .invalidRequest)
        #expect(transport.requests.isEmpty)
    }

    @Test("A silent connection is made again")
    func stall() async {
        let clock = ManualClock()
        let transport = ReplayTransport(
            [.events("id: 1\ndata: a\n\n", ending: .silence), .silence, stop], clock: clock)
        let outcome = await run(transport, clock: clock)
        #expect(
            outcome.told == [
                "connecting", "open", "event a", "waiting stalled", "connecting", "waiting transport", "connecting",
                "closed stopped",
            ])
        #expect(transport.requests[1].headers["last-event-id"] == "1")
    }

    @Test("The server's retry is waited for")
    func serverRetry() async throws {
        let clock = ManualClock()
        let transport = ReplayTransport([.events("retry: 60000\n\n"), stop], clock: clock)
        _ = await run(transport, clock: clock)
        #expect(clock.now.offset >= .seconds(60))
        #expect(clock.now.offset < .seconds(61))
    }

    @Test("A response that is not accepted comes with its body, of which 16 KiB are kept")
    func rejected() async {
        let transport = ReplayTransport([
            ReplayResponse(status: 503, headers: ["retry-after": "1"], body: Array("busy".utf8)),
            ReplayResponse(
                status: 401, body: [UInt8](repeating: 120, count: 100_000), chunkSize: 10_000, ending: .silence),
        ])
        let outcome = await run(transport)
        #expect(outcome.told == ["connecting", "waiting status", "connecting", "closed status"])
        #expect(outcome.error?.response?.status == 401)
        #expect(outcome.error?.body.count == 16 << 10)
        #expect(transport.openBodies == 0)
    }

    @Test("Events before one that is too large are handed over")
    func limit() async {
        let transport = ReplayTransport([.events("data: a\n\ndata: \(String(repeating: "x", count: 100))\n\n")])
        let outcome = await run(
            transport, options: EventSource.Options(limits: ServerSentEventLimits(line: 50, event: 50)))
        #expect(outcome.told == ["connecting", "open", "event a", "closed limitExceeded"])
        #expect(outcome.error?.code == .limitExceeded)
    }

    @Test("Faults of the network cost no event and double none", arguments: 0..<40)
    func faults(cut: Int) async {
        // The server answers after the cursor, as an event log does.
        let base = ReplayTransport { request, number in
            let last = request.headers["last-event-id"].flatMap { Int($0) } ?? 0
            guard last < 5 else { return stop }
            return .events((last + 1...5).map { "id: \($0)\ndata: \($0)\n\n" }.joined(), chunkSize: 3)
        }
        let transport = FaultInjectingTransport(base) { _, number in number < 6 ? [.cut(after: cut + number)] : [] }
        let outcome = await run(transport)
        #expect(outcome.told.filter { $0.hasPrefix("event") } == (1...5).map { "event \($0)" })
        #expect(outcome.error == nil)
    }

    @Test(
        "Cancelling closes the connection, whatever the source is doing", arguments: ["connecting", "open", "waiting"])
    func cancellation(phase: String) async throws {
        let clock = ManualClock()
        let reached = Gate()
        let transport = ReplayTransport { _, _ in
            switch phase {
            case "connecting": .silence
            case "open": .events(": hi\n", ending: .silence)
            default: .failure(TransportError(.connectionFailed, "test"))
            }
        }
        let source = EventSource(
            ExchangeRequest(url: "http://replay.test/"), on: transport, clock: clock,
            onStateChange: { if $0.name == phase { reached.open() } })
        let task = Task { () -> EventSourceError? in
            do throws(EventSourceError) {
                for try await _ in source {}
                return nil
            } catch {
                return error
            }
        }
        try await reached.wait()
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        #expect(transport.openBodies == 0)
        #expect(clock.sleeperCount == 0)
    }

    @Test("Letting go of the iterator closes the connection; each iteration has its own")
    func iterations() async throws {
        let transport = ReplayTransport { _, _ in .events("id: 1\ndata: a\n\n", ending: .silence) }
        let source = EventSource(ExchangeRequest(url: "http://replay.test/"), on: transport)
        for _ in 0..<2 {
            var iterator = source.makeAsyncIterator()
            #expect(try await iterator.next()?.data == "a")
            #expect(iterator.lastEventID == "1")
            #expect(transport.openBodies == 1)
        }
        #expect(transport.openBodies == 0)
        #expect(transport.requests.map { $0.headers["last-event-id"] } == [nil, nil])
    }

    @Test("The end is told once")
    func afterTheEnd() async throws {
        let transport = ReplayTransport([ReplayResponse(status: 404)])
        var iterator = EventSource(ExchangeRequest(url: "http://replay.test/"), on: transport).makeAsyncIterator()
        let error = await #expect(throws: EventSourceError.self) { try await iterator.next() }
        #expect(error?.code == .status)
        #expect(try await iterator.next() == nil)
        #expect(transport.requests.count == 1)
    }

    @Test("The instrumentation is told the states")
    func instrumentation() async throws {
        let told = Mutex<[String]>([])
        let log = Instrumentation { event in
            if case .connection(let state, _) = event { told.withLock { $0.append(state) } }
        }
        let source = EventSource(
            ExchangeRequest(url: "http://replay.test/"), on: ReplayTransport([stop]), instrumentation: log)
        for try await _ in source {}
        #expect(told.withLock { $0 } == ["connecting", "closed"])
    }
}
