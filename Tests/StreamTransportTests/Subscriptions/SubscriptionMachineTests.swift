import AgentKitTesting
import StreamCore
import Testing
import WireProtocols

@testable import StreamTransport

private let steady = RetryPolicy(
    maxAttempts: 3, transientBackoff: Backoff(base: .seconds(1), cap: .seconds(8), jitter: .none),
    overloadBackoff: Backoff(base: .seconds(10), cap: .seconds(60), jitter: .none))

/// Runs a machine and writes what it does in words.
private struct Run {
    var machine: SubscriptionMachine
    var random = SeededRandom(seed: 1)

    init(_ wire: SubscriptionMachine.Wire, lastEventID: String? = nil, retriesServerErrors: Bool = true) {
        let options = SubscriptionOptions(
            retry: steady, retriesServerErrors: retriesServerErrors, pingInterval: .seconds(30),
            pongTimeout: .seconds(10))
        machine = SubscriptionMachine(wire: wire, options: options, lastEventID: lastEventID)
    }

    mutating func take(_ input: SubscriptionMachine.Input) -> String {
        switch machine.handle(input, using: &random) {
        case .connect: "connect after \(machine.lastEventID ?? "-")"
        case .send(let message): "send \(message.text)"
        case .receive(let patience): "receive \(patience.map { "\($0.components.seconds)" } ?? "-")"
        case .deliver(let value, let id): "deliver \(id ?? "-") \(value)"
        case .wait(let delay): "wait \(delay.components.seconds)"
        case .finish: "finish"
        case .fail(let error): "fail \(error.code)"
        }
    }

    mutating func take(_ text: String) throws -> String {
        take(.message(try #require(try TRPCServerMessage.parse(text).first)))
    }
}

private let started = #"{"id":1,"result":{"type":"started"}}"#

private func failed(_ code: TransportError.Code) -> SubscriptionMachine.Input { .failed(TransportError(code, "test")) }

private func rejected(_ status: Int, _ headers: HeaderFields = [:], _ error: TRPCError? = nil)
    -> SubscriptionMachine.Input
{
    .rejected(ExchangeResponseHead(status: status, headers: headers), error)
}

@Suite("Subscription client: rules")
struct SubscriptionMachineTests {
    @Test("Over WebSocket: started, values with ids, stopped")
    func webSocket() throws {
        var run = Run(.webSocket, lastEventID: "9")
        #expect("\(run.machine.state)" == "connecting (attempt 1)")
        #expect(run.take(.opened) == "receive 30")
        #expect(try run.take(started) == "receive 30")
        #expect(run.machine.state.name == "open")
        #expect(run.machine.lastEventID == "9")
        #expect(
            try run.take(#"{"id":1,"result":{"type":"data","id":"10","data":{"id":"10","data":7}}}"#) == "deliver 10 7")
        #expect(run.take(.done) == "receive 30")
        #expect(try run.take(#"{"id":1,"result":{"type":"data","id":"11","data":8}}"#) == "deliver 11 8")
        #expect(run.machine.lastEventID == "11")
        #expect(try run.take(#"{"id":1,"result":{"type":"stopped"}}"#) == "finish")
        #expect(run.machine.state.name == "completed")
        #expect(run.take(.opened) == "finish")
    }

    @Test(
        "Over WebSocket a value without an id leaves no place to resume from; over server-sent events the last one stays"
    )
    func untracked() throws {
        var run = Run(.webSocket, lastEventID: "9")
        #expect(try run.take(#"{"id":1,"result":{"type":"data","data":7}}"#) == "deliver - 7")
        #expect(run.machine.lastEventID == nil)
        var stream = Run(.eventStream, lastEventID: "9")
        #expect(stream.take(.event(.data(eventID: nil, data: 7))) == "deliver - 7")
        #expect(stream.machine.lastEventID == "9")
    }

    @Test("Messages of other requests are passed over")
    func otherIDs() throws {
        var run = Run(.webSocket)
        for text in [
            #"{"id":2,"result":{"type":"stopped"}}"#, #"{"id":2,"result":{"type":"data","data":1}}"#,
            #"{"id":2,"error":{"message":"m","code":-32004}}"#, #"{"id":"1","result":{"type":"started"}}"#,
        ] {
            #expect(try run.take(text) == "receive 30")
        }
        #expect(run.machine.state.name == "connecting")
    }

    @Test("PING is answered; silence is asked with a PING, and ends the connection when that stays without any message")
    func watchdog() throws {
        var run = Run(.webSocket)
        _ = run.take(.opened)
        #expect(try run.take("PING") == "send PONG")
        #expect(run.take(.done) == "receive 30")
        #expect(run.take(.silent) == "send PING")
        #expect(run.take(.done) == "receive 10")
        #expect(try run.take("PONG") == "receive 30")
        #expect(run.take(.silent) == "send PING")
        #expect(run.take(.done) == "receive 10")
        #expect(try run.take(started) == "receive 30")
        #expect(run.take(.silent) == "send PING")
        #expect(run.take(.silent) == "wait 1")
        #expect(run.machine.state.reason?.code == .stalled)
        #expect(run.take(.waited) == "connect after -")
        #expect(run.take(.opened) == "receive 30")
    }

    @Test("Over server-sent events: silence is what the server says, and no ping can be sent")
    func inactivity() {
        var run = Run(.eventStream)
        #expect(run.take(.opened) == "receive -")
        #expect(run.take(.event(.connected(reconnectAfterInactivity: .seconds(2)))) == "receive 2")
        #expect(run.machine.state.name == "open")
        #expect(run.take(.event(.ping)) == "receive 2")
        #expect(run.take(.event(.data(eventID: "1", data: "a"))) == "deliver 1 \"a\"")
        #expect(run.take(.silent) == "wait 1")
        #expect(run.machine.state.reason?.code == .stalled)
        #expect(run.take(.waited) == "connect after 1")
        #expect(run.take(.opened) == "receive -")
        #expect(run.take(.event(.return)) == "finish")
    }

    @Test(
        "Ends and failures connect again after the last value, with a backoff that starts over when the server serves")
    func reconnecting() throws {
        var run = Run(.webSocket)
        #expect(run.take(.ended) == "wait 1")
        #expect(run.machine.state.reason?.code == .connectionEnded)
        #expect(run.take(.waited) == "connect after -")
        #expect(run.take(failed(.connectionLost)) == "wait 2")
        #expect("\(run.machine.state)".contains("transport"))
        #expect(run.take(.waited) == "connect after -")
        // That a subscription has begun shows nothing yet.
        #expect(try run.take(started) == "receive 30")
        #expect(try run.take(#"{"id":1,"result":{"type":"data","id":"4","data":1}}"#) == "deliver 4 1")
        #expect(run.take(failed(.connectionLost)) == "wait 1")
        #expect(run.take(.waited) == "connect after 4")
        #expect(run.take(failed(.connectTimeout)) == "wait 1")
        #expect(run.take(.waited) == "connect after 4")
        #expect(run.take(failed(.connectionFailed)) == "wait 2")
        #expect(run.take(.waited) == "connect after 4")
        #expect(run.take(failed(.connectionFailed)) == "fail transport")
        #expect(run.machine.state.reason?.message.contains("attempt 3 was the last") == true)
        #expect(run.take(.waited) == "fail transport")
    }

    @Test("The server's request to connect anew")
    func moved() throws {
        var run = Run(.webSocket)
        #expect(try run.take(#"{"id":null,"method":"reconnect"}"#) == "wait 1")
        #expect(run.machine.state.reason?.code == .moved)
    }

    @Test("Errors of the server end it, but for those that tRPC's client tries again", arguments: [true, false])
    func serverErrors(retries: Bool) throws {
        for (code, retry) in [
            (TRPCErrorCode.forbidden, "fail refused"), (.notFound, "fail refused"),
            (.preconditionFailed, "fail refused"),
            (.tooManyRequests, "fail refused"), (.internalServerError, "wait 1"), (.badGateway, "wait 1"),
            (.serviceUnavailable, "wait 10"), (.gatewayTimeout, "wait 1"),
        ] {
            for id in [TRPCRequestID.number(1), nil] {
                var run = Run(.webSocket, retriesServerErrors: retries)
                let error = TRPCError(code, "m")
                #expect(run.take(.message(.error(TRPCEnvelope(id), error))) == (retries ? retry : "fail refused"))
                #expect(run.machine.state.reason?.error == error)
            }
            var stream = Run(.eventStream, retriesServerErrors: retries)
            #expect(stream.take(.event(.error(TRPCError(code)))) == (retries ? retry : "fail refused"))
        }
    }

    @Test("Statuses: what may pass is tried again, 204 ends it, the rest fails it")
    func statuses() {
        for (status, answer) in [
            (408, "wait 1"), (425, "wait 1"), (429, "wait 10"), (500, "wait 1"), (503, "wait 10"), (529, "wait 10"),
            (204, "finish"), (200, "fail status"), (301, "fail status"), (401, "fail status"), (404, "fail status"),
        ] {
            var run = Run(.eventStream)
            #expect(run.take(rejected(status)) == answer)
        }
        var run = Run(.eventStream)
        #expect(run.take(rejected(503, ["retry-after": "7"])) == "wait 7")
        #expect(run.take(.waited) == "connect after -")
        #expect(run.take(rejected(503, ["retry-after": "1000"])) == "fail status")
        run = Run(.eventStream)
        #expect(run.take(rejected(404, [:], TRPCError(.notFound, "m"))) == "fail refused")
        #expect(run.machine.state.reason?.error?.code == .notFound)
        for (status, answer) in [(401, "fail status"), (503, "wait 10")] {
            var socket = Run(.webSocket)
            let refusal = WebSocketRefusal(head: ExchangeResponseHead(status: status))
            #expect(socket.take(.failed(TransportError(.upgradeRefused, "m", underlying: refusal))) == answer)
        }
    }

    @Test("What would fail again is not tried again")
    func final() {
        for code in [
            TransportError.Code.invalidRequest, .unsupported, .tooManyRedirects, .tlsFailed, .shutDown,
            .responseTooLarge,
            .upgradeRefused,
        ] {
            var run = Run(.webSocket)
            #expect(run.take(failed(code)) == "fail transport")
        }
        for input in [SubscriptionMachine.Input.cancelled, failed(.cancelled)] {
            var run = Run(.webSocket)
            #expect(run.take(input) == "fail cancelled")
        }
        var run = Run(.webSocket)
        #expect(run.take(.unacceptable(SubscriptionError(.invalidMessage, "m"))) == "fail invalidMessage")
        run = Run(.webSocket)
        #expect(run.take(.noConnectionParams(CancellationError())) == "wait 1")
        #expect(run.machine.state.reason?.code == .connectionParams)
        run = Run(.webSocket)
        #expect(run.take(failed(.idleTimeout)) == "wait 1")
        #expect(run.machine.state.reason?.code == .stalled)
    }
}
