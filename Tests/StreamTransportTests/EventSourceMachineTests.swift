import AgentKitTesting
import ServerSentEvents
import StreamCore
import Testing
import WireProtocols

@testable import StreamTransport

/// Fixed delays of 1, 2, 4 … 8 s: what is asserted is the law and not the jitter.
private let steady = RetryPolicy(
    maxAttempts: 4, transientBackoff: Backoff(base: .seconds(1), cap: .seconds(8), jitter: .none),
    overloadBackoff: Backoff(base: .seconds(10), cap: .seconds(60), jitter: .none))

/// Runs a machine and writes what it does in words.
private struct Run {
    var machine: EventSourceMachine
    var random = SeededRandom(seed: 1)
    var serverRetry: Duration?

    init(_ options: EventSource.Options = EventSource.Options(retry: steady)) {
        machine = EventSourceMachine(options: options)
    }

    mutating func take(_ input: EventSourceMachine.Input) -> String {
        switch machine.handle(input, reconnectionTime: serverRetry, using: &random) {
        case .connect: "connect"
        case .read: "read"
        case .readRejected: "readRejected"
        case .wait(let delay): "wait \(delay)"
        case .close(let error): "close \(error.code)"
        }
    }

    mutating func take(_ status: Int, _ headers: HeaderFields = ["content-type": "text/event-stream"]) -> String {
        let first = take(.response(ExchangeResponseHead(status: status, headers: headers)))
        return first == "readRejected" ? take(.rejectedBody(Array("why".utf8))) : first
    }
}

private func failed(_ code: TransportError.Code) -> EventSourceMachine.Input { .failed(TransportError(code, "test")) }

@Suite("Event source: rules")
struct EventSourceMachineTests {
    @Test("It begins by connecting, is open with a 200 of the right type, and reads on")
    func opening() {
        var run = Run()
        #expect("\(run.machine.state)" == "connecting (attempt 1)")
        #expect(run.take(200) == "read")
        #expect(run.machine.state.name == "open")
        #expect(run.take(.events) == "read")
    }

    @Test(
        "Content types",
        arguments: [
            ("text/event-stream", true), ("text/event-stream; charset=utf-8", true), ("TEXT/Event-Stream ;x=y", true),
            ("text/event-stream2", false), ("text/plain", false), ("application/json", false), ("", false),
        ])
    func contentTypes(type: String, accepted: Bool) throws {
        for rules in [EventSource.Options.Rules.browser, .resilient] {
            var run = Run(EventSource.Options(rules: rules, retry: steady))
            let headers = try HeaderFields([("content-type", type)])
            #expect(run.take(200, headers) == (accepted ? "read" : "close contentType"))
        }
        var run = Run()
        #expect(run.take(200, [:]) == "close contentType")
    }

    @Test(
        "As a browser: every status but 200 ends it",
        arguments: [201, 205, 206, 301, 304, 400, 401, 404, 408, 429, 500, 503, 529])
    func browserStatuses(status: Int) {
        var run = Run(EventSource.Options(rules: .browser, retry: steady))
        #expect(run.take(status) == "close status")
        #expect(run.machine.state.reason?.response?.status == status)
        #expect(run.machine.state.reason?.body == Array("why".utf8))
    }

    @Test(
        "As a server: what may pass is tried again",
        arguments: [
            (408, 1), (425, 1), (429, 10), (500, 1), (502, 1), (503, 10), (504, 1), (529, 10), (599, 1),
        ])
    func resilientStatuses(status: Int, seconds: Int) {
        var run = Run()
        #expect(run.take(status) == "wait \(Duration.seconds(seconds))")
        #expect(run.machine.state.reason?.code == .status)
    }

    @Test("As a server: the rest ends it", arguments: [201, 206, 302, 304, 400, 401, 403, 404, 410, 418, 451, 600])
    func finalStatuses(status: Int) {
        var run = Run()
        #expect(run.take(status) == "close status")
    }

    @Test("204 means stop, with either rules and with any type")
    func stop() {
        for rules in [EventSource.Options.Rules.browser, .resilient] {
            var run = Run(EventSource.Options(rules: rules, retry: steady))
            #expect(run.take(204, [:]) == "close stopped")
        }
    }

    @Test("Retry-After takes the place of the backoff; beyond the policy it ends the source")
    func retryAfter() {
        var run = Run()
        #expect(run.take(503, ["retry-after": "30"]) == "wait 30.0 seconds")
        #expect(run.take(.waited) == "connect")
        #expect(run.take(429, ["retry-after": "0"]) == "wait 0.0 seconds")
        #expect(run.take(.waited) == "connect")
        #expect(run.take(500, ["retry-after": "121"]) == "close status")
        #expect(run.machine.state.reason?.message.contains("121") == true)
    }

    @Test("The end of a connection is not the end of the stream")
    func reconnection() {
        var run = Run()
        _ = run.take(200)
        _ = run.take(.events)
        #expect(run.take(.ended) == "wait 1.0 seconds")
        #expect(run.machine.state.reason?.code == .connectionEnded)
        #expect(run.take(.waited) == "connect")
        #expect("\(run.machine.state)" == "connecting (attempt 1)")
    }

    @Test("Delays grow until an event comes; opening alone is no progress")
    func backoff() {
        var run = Run(
            EventSource.Options(retry: RetryPolicy(maxAttempts: .max, transientBackoff: steady.transientBackoff)))
        for seconds in [1, 2, 4, 8, 8] {
            _ = run.take(200)
            #expect(run.take(.ended) == "wait \(Duration.seconds(seconds))")
            #expect(run.take(.waited) == "connect")
        }
        #expect("\(run.machine.state)" == "connecting (attempt 6)")
        _ = run.take(200)
        _ = run.take(.events)
        #expect(run.take(failed(.connectionLost)) == "wait 1.0 seconds")
        #expect(run.take(.waited) == "connect")
        #expect(run.take(failed(.connectionFailed)) == "wait 1.0 seconds")
        #expect(run.take(.waited) == "connect")
        #expect(run.take(failed(.connectionFailed)) == "wait 2.0 seconds")
    }

    @Test("Attempts are limited since the last event")
    func attempts() {
        var run = Run()
        for round in 0..<2 {
            for _ in 1..<4 {
                #expect(run.take(failed(.connectionFailed)).hasPrefix("wait"))
                #expect(run.take(.waited) == "connect")
            }
            guard round == 0 else { break }
            _ = run.take(200)
            _ = run.take(.events)
            _ = run.take(.ended)
            _ = run.take(.waited)
        }
        #expect("\(run.machine.state)" == "connecting (attempt 4)")
        #expect(run.take(failed(.connectionFailed)) == "close transport")
        #expect(run.machine.state.reason?.message.contains("attempt 4 was the last") == true)
    }

    @Test("What the server's retry asks is the least, whatever the backoff says")
    func serverRetry() {
        var run = Run(EventSource.Options(retry: steady, reconnectionTime: .seconds(3)))
        _ = run.take(200)
        #expect(run.take(.ended) == "wait 4.0 seconds")
        run.serverRetry = .seconds(5)
        _ = run.take(.waited)
        #expect(run.take(failed(.connectTimeout)) == "wait 7.0 seconds")
        _ = run.take(.waited)
        #expect(run.take(503, ["retry-after": "1"]) == "wait 5.0 seconds")
        run.serverRetry = .zero
        _ = run.take(.waited)
        #expect(run.take(429, ["retry-after": "3"]).hasPrefix("close"))
        var other = Run()
        other.serverRetry = .milliseconds(Int64(1) << 53)
        #expect(other.take(.ended) == "wait \(Duration.seconds(86_401))")
    }

    @Test("Full jitter: each delay below its ceiling, and different ones")
    func jitter() {
        var delays: Set<Duration> = []
        for seed in 0..<50 {
            var machine = EventSourceMachine(options: EventSource.Options())
            var random = SeededRandom(seed: UInt64(seed))
            guard case .wait(let delay) = machine.handle(.ended, reconnectionTime: nil, using: &random) else {
                Issue.record("no wait")
                return
            }
            #expect(delay < .milliseconds(500))
            delays.insert(delay)
        }
        #expect(delays.count == 50)
    }

    @Test(
        "Failures that may pass are tried again",
        arguments: [
            TransportError.Code.connectionFailed, .connectTimeout, .firstByteTimeout, .totalTimeout, .connectionLost,
            .truncatedBody, .malformedResponse, .headTooLarge, .bufferLimitExceeded, .other, .init(rawValue: "new"),
        ])
    func transientFailures(code: TransportError.Code) {
        var run = Run()
        #expect(run.take(failed(code)) == "wait 1.0 seconds")
        #expect(run.machine.state.reason?.code == .transport)
        #expect((run.machine.state.reason?.underlying as? TransportError)?.code == code)
    }

    @Test(
        "Failures that would come again end it",
        arguments: [
            TransportError.Code.invalidRequest, .unsupported, .tooManyRedirects, .tlsFailed, .shutDown,
            .bodyAlreadyRead,
        ])
    func finalFailures(code: TransportError.Code) {
        var run = Run()
        #expect(run.take(failed(code)) == "close transport")
    }

    @Test("Silence, limits, cancellation and a request that cannot be sent")
    func others() throws {
        var stalled = Run()
        _ = stalled.take(200)
        #expect(stalled.take(failed(.idleTimeout)) == "wait 1.0 seconds")
        #expect(stalled.machine.state.reason?.code == .stalled)

        var limited = Run()
        _ = limited.take(200)
        #expect(limited.take(.unacceptable(ServerSentEventError(.eventTooLarge, "test"))) == "close limitExceeded")

        var cancelled = Run()
        #expect(cancelled.take(failed(.cancelled)) == "close cancelled")
        var cancelledInWaiting = Run()
        _ = cancelledInWaiting.take(.ended)
        #expect(cancelledInWaiting.take(.cancelled) == "close cancelled")

        let error = #expect(throws: HeaderFieldError.self) { try HeaderField("last-event-id", "a\nb") }
        var invalid = Run()
        #expect(invalid.take(.invalidRequest(try #require(error))) == "close invalidRequest")
    }

    @Test("Closed is closed")
    func closed() {
        var run = Run()
        _ = run.take(204)
        for input: EventSourceMachine.Input in [
            .events, .ended, .waited, .cancelled, failed(.other), .response(ExchangeResponseHead(status: 200)),
            .rejectedBody([]),
        ] {
            #expect(run.take(input) == "close stopped")
        }
    }
}
