import AgentKitTesting
import StreamCore
import StreamDelivery
import Synchronization
import WireProtocols

/// The procedures of the recorded exchanges: `count`, `plain`, `fail`, `ping`, `echo`; and some that tests can hold on to.
struct SampleProcedures {
    var registry = ProcedureRegistry()
    let held = Gate()
    let began = Gate()
    let cancelled = Gate()
    let produced = CallCount()

    struct Count: Decodable, Sendable {
        var n: Int
        var lastEventId: String?
    }

    struct Item: Codable, Hashable, Sendable {
        var i: Int
    }

    init() {
        registry.query("ping") { (_: NoInput, _) in "pong" }
        registry.mutation("echo") { (input: JSONValue, _) in input }
        registry.query("who") { (_: NoInput, context) in context.principal.id }
        registry.query("broken") { (_: NoInput, _) -> String in throw SecretError() }
        registry.query("forbidden") { (_: NoInput, _) -> String in throw TRPCError(.forbidden, "nope") }
        registry.subscription("count") { (input: Count, context) in
            Values<Item>(from: (context.lastEventID.flatMap(Int.init) ?? -1) + 1, to: input.n) {
                .tracked("\($0)", Item(i: $0))
            }
        }
        registry.subscription("plain") { (_: NoInput, _) in
            Values<String>(from: 0, to: 2) { .init($0 == 0 ? "a" : "b") }
        }
        registry.subscription("fail") { (_: NoInput, _) in
            Values<Int>(from: 0, to: 2) { number in
                guard number == 0 else { throw TRPCError(.forbidden, "nope") }
                return .init(1)
            }
        }
        registry.subscription("refused") { (_: NoInput, _) -> Values<Int> in throw TRPCError(.forbidden, "not yours") }
        registry.subscription("badID") { (_: NoInput, _) in Values<Int>(from: 0, to: 2) { .tracked("a\nb", $0) } }
        let (held, cancelled, began, produced) = (held, cancelled, began, produced)
        registry.subscription("held") { (_: NoInput, _) in
            Values<Int>(from: 0, to: 2) { number in
                began.open()
                do throws(CancellationError) {
                    try await held.wait()
                } catch {
                    cancelled.open()
                    throw error
                }
                return .init(number)
            }
        }
        registry.query("slow") { (_: NoInput, _) -> String in
            try await held.wait()
            return "done"
        }
        registry.subscription("endless") { (_: NoInput, _) in
            Values<String>(from: 0, to: .max) { number in
                produced.increment()
                return .tracked("\(number)", String(repeating: "x", count: 1000))
            }
        }
    }
}

struct SecretError: Error {}

/// Values made one at a time.
struct Values<Value: Encodable & Sendable>: AsyncSequence, AsyncIteratorProtocol, Sendable {
    var from: Int
    let to: Int
    let make: @Sendable (Int) async throws -> SubscriptionValue<Value>

    mutating func next() async throws -> SubscriptionValue<Value>? {
        guard from < to else { return nil }
        defer { from += 1 }
        return try await make(from)
    }

    func makeAsyncIterator() -> Self { self }
}

final class CallCount: Sendable {
    private let count = Mutex(0)
    func increment() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

/// A service that runs for the time of a test.
func withService<Result>(
    _ samples: SampleProcedures = SampleProcedures(), access: DeliveryAccess = .open,
    connections: LiveConnections = LiveConnections(), options: TRPCService.Options = TRPCService.Options(),
    _ body: (TRPCService) async throws -> Result
) async rethrows -> Result {
    let service = TRPCService(samples.registry, access: access, connections: connections, options: options)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await service.run() }
        let result = try await body(service)
        group.cancelAll()
        return result
    }
}

extension TRPCService {
    /// A conversation that was accepted.
    func conversation(_ target: String = "/trpc", headers: HeaderFields = [:]) async throws -> Pump {
        guard case .accept(_, let begin) = await accept(DeliveryRequest(target: target, headers: headers)) else {
            throw TRPCError(.badRequest, "refused")
        }
        return Pump(begin(PlainFraming()))
    }
}

extension Pump {
    var conversation: any DeliveryConversation { source as! any DeliveryConversation }
}
