import StreamCore
import StreamDelivery
import WireProtocols

extension ProcedureRegistry {
    /// What a tRPC client is tried with.
    static var conformance: ProcedureRegistry {
        var procedures = ProcedureRegistry()
        procedures.query("ping") { (_: NoInput, _) in "pong" }
        procedures.mutation("echo") { (input: JSONValue, _) in input }
        // Tracked by plain numbers, so that who comes back goes on.
        procedures.subscription("count") { (input: CountInput, context) in
            let next = try CountInput.place(after: context.lastEventID)
            return Counting(next: next, end: input.n, delay: .milliseconds(input.delay ?? 0))
        }
        procedures.subscription("plain") { (_: NoInput, _) in
            Listing(values: ["a", "b"].map { SubscriptionValue($0) })
        }
        procedures.subscription("fail") { (_: NoInput, _) in
            Listing(values: [SubscriptionValue(1)], error: TRPCError(.forbidden, "nope"))
        }
        return procedures
    }
}

struct CountInput: Decodable, Sendable {
    var n: Int
    /// Milliseconds before each.
    var delay: Int?

    /// The number behind one that was seen; a client may send anything.
    static func place(after lastEventID: String?) throws -> Int {
        guard let lastEventID else { return 0 }
        guard let seen = Int(lastEventID), seen >= 0, seen < .max else {
            throw TRPCError(.badRequest, "lastEventId is none of the ids that were sent")
        }
        return seen + 1
    }
}

struct CountedItem: Codable, Sendable {
    var i: Int
}

/// Numbers up to an end, each after a delay.
struct Counting: AsyncSequence, AsyncIteratorProtocol, Sendable {
    var next: Int
    let end: Int
    let delay: Duration

    func makeAsyncIterator() -> Counting { self }

    mutating func next() async throws -> SubscriptionValue<CountedItem>? {
        guard next < end else { return nil }
        if delay > .zero { try await Task.sleep(for: delay) }
        defer { next += 1 }
        return .tracked("\(next)", CountedItem(i: next))
    }
}

/// Some values, and then perhaps an error.
struct Listing<Value: Sendable>: AsyncSequence, AsyncIteratorProtocol, Sendable {
    var values: [Value]
    var error: TRPCError?

    func makeAsyncIterator() -> Listing { self }

    mutating func next() async throws -> Value? {
        if !values.isEmpty { return values.removeFirst() }
        if let error { throw error }
        return nil
    }
}
