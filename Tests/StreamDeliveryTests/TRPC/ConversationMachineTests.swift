import StreamCore
import Testing
import WireProtocols

@testable import StreamDelivery

/// Runs a machine and writes what it does in words; tickets are the numbers of the requests that began.
private struct Run {
    var machine: ConversationMachine
    var tickets: [ConversationMachine.Ticket] = []

    init(_ options: TRPCSocketOptions = TRPCSocketOptions(), limits: TRPCLimits = .default, expectsParams: Bool = false)
    {
        machine = ConversationMachine(limits: limits, options: options, expectsParams: expectsParams)
    }

    mutating func take(_ actions: [ConversationMachine.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .authenticate(let parameters): return "authenticate \(parameters?.values.count ?? -1)"
            case .begin(let request, let ticket):
                tickets.append(ticket)
                return "begin \(tickets.count - 1) \(request.path)"
            case .cancel(let ticket): return "cancel \(tickets.firstIndex(of: ticket) ?? -1)"
            case .wake: return "wake"
            }
        }
    }

    mutating func mayRead() -> Bool { machine.mayRead() }

    mutating func receive(_ text: String) -> [String] { take(machine.receive(.text(text))) }

    mutating func turn() -> String {
        switch machine.turn() {
        case .send(let messages): messages.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        case .pull(let ticket): "pull \(tickets.firstIndex(of: ticket) ?? -1)"
        case .wait: "wait"
        case .end: "end"
        }
    }

    mutating func pulled(_ ticket: Int, _ pull: SubscriptionPull) -> (Bool, [String]) {
        let (isWanted, actions) = machine.pulled(tickets[ticket], pull)
        return (isWanted, take(actions))
    }
}

private func subscribe(_ id: Int) -> String { #"{"id":\#(id),"method":"subscription","params":{"path":"s\#(id)"}}"# }
private func query(_ id: Int) -> String { #"{"id":\#(id),"method":"query","params":{"path":"q\#(id)"}}"# }
private let piece = SubscriptionPull.piece(DeliveryPiece([1]))

@Suite("tRPC: a connection's rules")
struct ConversationMachineTests {
    @Test("Subscriptions that have values are pulled in turn; answers come first")
    func turns() {
        var run = Run()
        #expect(run.receive("[\(subscribe(1)),\(subscribe(2))]") == ["begin 0 s1", "begin 1 s2"])
        #expect(run.turn() == "wait")
        #expect(run.take(run.machine.began(run.tickets[0])) == ["wake"])
        #expect(run.take(run.machine.began(run.tickets[1])) == [])
        #expect(run.take(run.machine.becameReady(run.tickets[0])) == [])
        #expect(run.take(run.machine.becameReady(run.tickets[1])) == [])
        #expect(run.take(run.machine.becameReady(run.tickets[1])) == [])
        #expect(run.turn() == #"{"id":1,"result":{"type":"started"}} {"id":2,"result":{"type":"started"}}"#)
        for _ in 0..<3 {
            #expect(run.turn() == "pull 0")
            #expect(run.pulled(0, piece).0)
            #expect(run.turn() == "pull 1")
            #expect(run.pulled(1, piece).0)
        }
        #expect(run.receive("PING") == [])
        #expect(run.turn() == "PONG")
        #expect(run.turn() == "pull 0")
        #expect(!run.pulled(0, .wait).0)
        #expect(run.turn() == "pull 1")
        let (_, actions) = run.pulled(1, .end(TRPCError(.notFound, "m")))
        #expect(actions == ["cancel 1"])
        #expect(run.turn().hasSuffix(#"{"id":2,"result":{"type":"stopped"}}"#))
        #expect(run.turn() == "wait")
        #expect(run.take(run.machine.becameReady(run.tickets[1])) == [])
        #expect(run.take(run.machine.becameReady(run.tickets[0])) == ["wake"])
        #expect(run.machine.entryCount == 1)
    }

    @Test("An id is free once its subscription was stopped, and what is late for the former one counts for nothing")
    func reuse() {
        var run = Run()
        _ = run.receive(subscribe(1))
        _ = run.take(run.machine.began(run.tickets[0]))
        _ = run.take(run.machine.becameReady(run.tickets[0]))
        _ = run.turn()
        #expect(run.turn() == "pull 0")
        #expect(run.receive(#"{"id":1,"method":"subscription.stop"}"#) == ["cancel 0"])
        #expect(run.receive(subscribe(1)) == ["begin 1 s1"])
        // The pull was under way.
        #expect(!run.pulled(0, piece).0)
        #expect(run.take(run.machine.failed(run.tickets[0], TRPCError(.notFound))) == [])
        #expect(run.turn() == #"{"id":1,"result":{"type":"stopped"}}"#)
        #expect(!run.machine.holds(run.tickets[0]))
        #expect(run.machine.holds(run.tickets[1]))
        #expect(run.receive(#"{"id":9,"method":"subscription.stop"}"#) == [])
        #expect(run.turn() == "wait")
    }

    @Test("Reading stops while answers pile up or calls are many, and goes on")
    func backpressure() {
        var run = Run(TRPCSocketOptions(maxCalls: 2, maxOutgoing: 100))
        _ = run.receive(query(1))
        #expect(run.mayRead() == true)
        _ = run.receive(query(2))
        #expect(run.mayRead() == false)
        #expect(run.take(run.machine.answered(run.tickets[0], "x")) == ["wake"])
        #expect(run.mayRead() == true)
        let long = JSONValue.string(String(repeating: "x", count: 200))
        #expect(run.take(run.machine.answered(run.tickets[1], long)) == [])
        #expect(run.mayRead() == false)
        _ = run.turn()
        #expect(run.take(run.machine.sent()) == ["wake"])
        #expect(run.mayRead() == true)
    }

    @Test("Before authentication nothing begins; a refusal closes after its error")
    func authentication() {
        var run = Run(expectsParams: true)
        #expect(run.receive("PING") == [])
        #expect(run.receive(#"{"method":"connectionParams","data":{"a":"b"}}"#) == ["authenticate 1"])
        #expect(run.mayRead() == false)
        #expect(run.receive(query(1)) == [])
        #expect(run.take(run.machine.authenticated(nil)) == ["begin 0 q1", "wake"])
        var refused = Run(expectsParams: true)
        _ = refused.receive(#"{"method":"connectionParams","data":null}"#)
        _ = refused.receive(query(1))
        #expect(refused.take(refused.machine.authenticated(TRPCError(.unauthorized))) == [])
        #expect(refused.turn().contains("UNAUTHORIZED"))
        #expect(refused.turn() == "end")
        #expect(refused.receive(query(2)) == [])
        #expect(refused.mayRead() == false)
    }

    @Test("Messages before authentication are bounded")
    func flood() {
        var run = Run(expectsParams: true)
        _ = run.receive(#"{"method":"connectionParams","data":null}"#)
        for number in 0..<1000 { _ = run.receive(query(number)) }
        #expect(run.machine.closure.code == .policyViolation)
        #expect(run.turn() == "end")
    }

    @Test("A client that answers no PING counts as gone; one that cannot be read does not")
    func heartbeats() {
        var run = Run(TRPCSocketOptions(maxCalls: 1, maxUnansweredPings: 2))
        func beat() -> String? {
            let (ping, actions) = run.machine.heartbeat()
            return ping.map(\.text) ?? "closed \(actions.count)"
        }
        for _ in 0..<5 {
            #expect(beat() == "PING")
            #expect(beat() == "PING")
            _ = run.receive("PONG")
        }
        _ = run.receive(query(1))
        #expect(run.mayRead() == false)
        for _ in 0..<5 { #expect(beat() == "PING") }
        _ = run.machine.answered(run.tickets[0], "x")
        #expect(run.mayRead() == true)
        #expect(beat() == "PING")
        #expect(beat() == "PING")
        #expect(beat() == "closed 0")
        #expect(run.machine.closure.code == .goingAway)
    }

    @Test("A close cancels all that runs")
    func close() {
        var run = Run()
        _ = run.receive("[\(subscribe(1)),\(query(2))]")
        #expect(run.turn() == "wait")
        let actions = run.take(run.machine.close(WebSocketClosure(.goingAway), nil))
        #expect(Set(actions) == ["cancel 0", "cancel 1", "wake"])
        #expect(run.turn() == "end")
        #expect(run.take(run.machine.close(WebSocketClosure(.normalClosure), nil)) == [])
        #expect(run.machine.closure.code == .goingAway)
        #expect(run.take(run.machine.answered(run.tickets[1], 1)) == [])
    }
}
