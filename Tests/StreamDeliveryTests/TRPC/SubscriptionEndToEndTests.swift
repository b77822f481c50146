import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import StreamTransport
import Synchronization
import Testing
import WireProtocols

/// What carries a client's subscriptions.
enum ClientWire: String, CaseIterable, Sendable {
    case webSocket, eventStream

    func client(
        _ transport: LoopbackTransport, clock: ManualClock, connectionParams: SubscriptionClient.ConnectionParams? = nil
    ) -> SubscriptionClient {
        switch self {
        case .webSocket:
            SubscriptionClient(
                webSocket: WebSocketRequest(url: "ws://test/trpc"), on: transport, connectionParams: connectionParams,
                clock: clock, random: SeededRandom(seed: 1))
        case .eventStream:
            SubscriptionClient(
                http: TRPCEndpoint(url: "http://test/trpc"), on: transport, connectionParams: connectionParams,
                clock: clock, random: SeededRandom(seed: 1))
        }
    }
}

/// Runs something on a clock that is moved to each deadline.
private func moving<Result: Sendable>(
    _ clock: ManualClock, _ body: () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            while true {
                try await clock.waitForSleepers()
                clock.advanceToNextDeadline()
            }
        }
        let result = try await body()
        group.cancelAll()
        return result
    }
}

private typealias Item = SampleProcedures.Item

@Suite("tRPC: client and server")
struct SubscriptionEndToEndTests {
    @Test("Cut at every frame, a sequence comes without loss and without doubles", arguments: ClientWire.allCases)
    func cuts(wire: ClientWire) async throws {
        let count = 12
        for first in 0...(count + 2) {
            try await withService { service in
                let transport = LoopbackTransport(service) { $0 == 0 ? first : $0 % 3 == 0 ? 0 : 3 }
                let clock = ManualClock()
                let subscription = try wire.client(transport, clock: clock)
                    .subscribe(to: "count", input: ["n": count], as: Item.self)
                let items = try await moving(clock) {
                    var items: [Int] = []
                    for try await event in subscription {
                        #expect(event.id == "\(event.value.i)")
                        items.append(event.value.i)
                    }
                    return items
                }
                #expect(items == Array(0..<count))
                #expect(transport.connectionCount > 1 || first > count)
            }
        }
    }

    @Test("The same of a stream of the log, while it is written", arguments: ClientWire.allCases)
    func stream(wire: ClientWire) async throws {
        let log = MemoryEventLog()
        try await log.create("p1")
        let hub = DeliveryHub(log: log)
        var samples = SampleProcedures()
        samples.registry.addAgentSubscriptions(over: hub)
        let count = 60
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await hub.run() }
            group.addTask {
                for number in 0..<count {
                    let payload = Array(#"{"i":\#(number)}"#.utf8)
                    try await log.append([StreamEvent(type: .progress, payload: payload)], to: "p1")
                    await Task.yield()
                }
                try await log.close("p1")
            }
            try await withService(samples, connections: hub.connections) { service in
                let transport = LoopbackTransport(service) { [0, 2, 5, 3][$0 % 4] }
                let clock = ManualClock()
                let subscription = try wire.client(transport, clock: clock)
                    .subscribe(to: "agent.onAgentProgress", input: ["projectId": "p1"], as: Item.self)
                let items = try await moving(clock) {
                    var items: [Int] = []
                    for try await event in subscription { items.append(event.value.i) }
                    return items
                }
                #expect(items == Array(0..<count))
            }
            group.cancelAll()
        }
    }

    @Test("A deploy: the client goes on at the new server, where it stood", arguments: ClientWire.allCases)
    func deploy(wire: ClientWire) async throws {
        let log = MemoryEventLog()
        try await log.create("p1")
        let (old, new) = (DeliveryHub(log: log), DeliveryHub(log: log))
        func append(_ number: Int) async throws {
            try await log.append([StreamEvent(type: .progress, payload: Array(#"{"i":\#(number)}"#.utf8))], to: "p1")
        }
        var (former, latter) = (SampleProcedures(), SampleProcedures())
        former.registry.addAgentSubscriptions(over: old)
        latter.registry.addAgentSubscriptions(over: new)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await old.run() }
            group.addTask { await new.run() }
            try await withService(former, connections: old.connections) { first in
                try await withService(latter, connections: new.connections) { second in
                    let transport = LoopbackTransport(first)
                    let clock = ManualClock()
                    let subscription = try wire.client(transport, clock: clock)
                        .subscribe(to: "agent.onAgentProgress", input: ["projectId": "p1"], as: Item.self)
                    try await append(0)
                    try await moving(clock) {
                        var values = subscription.makeAsyncIterator()
                        #expect(try await values.next()?.value.i == 0)
                        transport.move(to: second)
                        old.drain()
                        try await append(1)
                        #expect(try await values.next()?.value.i == 1)
                        try await append(2)
                        #expect(try await values.next()?.value.i == 2)
                        #expect(transport.connectionCount == 2)
                        #expect(old.connections.count == 0)
                        try await log.close("p1")
                        #expect(try await values.next() == nil)
                    }
                }
            }
            group.cancelAll()
        }
    }

    @Test("Errors are typed, and end the subscription; what came before them comes", arguments: ClientWire.allCases)
    func errors(wire: ClientWire) async throws {
        await withService { service in
            let transport = LoopbackTransport(service)
            let client = wire.client(transport, clock: ManualClock())
            for (path, values) in [("fail", [1]), ("refused", [])] {
                var received: [Int] = []
                do throws(SubscriptionError) {
                    for try await event in client.subscribe(to: path, as: Int.self) { received.append(event.value) }
                    Issue.record("no error")
                } catch {
                    #expect(error.code == .refused)
                    #expect(error.error?.code == .forbidden)
                    #expect(error.error?.path == path)
                }
                #expect(received == values)
            }
            do throws(SubscriptionError) {
                for try await _ in client.subscribe(to: "nosuch", as: Int.self) {}
                Issue.record("no error")
            } catch {
                #expect(error.error?.code == .notFound)
            }
        }
    }

    @Test("Queries and mutations", arguments: ClientWire.allCases)
    func calls(wire: ClientWire) async throws {
        try await withService { (service) async throws -> Void in
            let client = wire.client(LoopbackTransport(service), clock: ManualClock())
            #expect(try await client.query("ping") == "pong")
            #expect(try await client.mutate("echo", input: Item(i: 3), as: Item.self) == Item(i: 3))
            do throws(SubscriptionError) {
                _ = try await client.query("forbidden", as: String.self)
                Issue.record("no error")
            } catch {
                #expect(error.error?.code == .forbidden)
            }
            do throws(SubscriptionError) {
                _ = try await client.query("ping", as: Int.self)
                Issue.record("no error")
            } catch {
                #expect(error.code == .invalidValue)
            }
        }
    }

    @Test("Connection parameters are asked for before each connection", arguments: ClientWire.allCases)
    func connectionParams(wire: ClientWire) async throws {
        let access = DeliveryAccess(
            authenticate: { credentials throws(DeliveryRefusal) in
                guard let token = credentials.connectionParameter("token") else {
                    throw DeliveryRefusal(.unauthenticated, "no")
                }
                return DeliveryPrincipal(id: token)
            }, authorise: { _, _, _ in true })
        try await withService(access: access) { service in
            let transport = LoopbackTransport(service) { _ in 3 }
            let clock = ManualClock()
            let asked = CallCount()
            let client = wire.client(transport, clock: clock) {
                asked.increment()
                return TRPCConnectionParams(["token": "t\(asked.value)"])
            }
            let items = try await moving(clock) {
                var items: [Int] = []
                for try await event in try client.subscribe(to: "count", input: ["n": 3], as: Item.self) {
                    items.append(event.value.i)
                }
                return items
            }
            #expect(items == [0, 1, 2])
            #expect(asked.value == transport.connectionCount)
            #expect(asked.value > 1)
            let stranger = wire.client(LoopbackTransport(service), clock: clock)
            do throws(SubscriptionError) {
                for try await _ in stranger.subscribe(to: "plain", as: String.self) {}
                Issue.record("no error")
            } catch {
                #expect(error.error?.code == .unauthorized || error.code == .status)
            }
        }
    }

    @Test("A client that leaves cancels its sequence at the server", arguments: ClientWire.allCases)
    func leaving(wire: ClientWire) async throws {
        let samples = SampleProcedures()
        try await withService(samples) { service in
            let client = wire.client(LoopbackTransport(service), clock: ManualClock())
            let task = Task {
                for try await _ in client.subscribe(to: "held", as: Int.self) {}
            }
            try await samples.began.wait()
            task.cancel()
            let result = await task.result
            #expect(throws: SubscriptionError.self) { try result.get() }
            try await samples.cancelled.wait()
        }
    }
}
