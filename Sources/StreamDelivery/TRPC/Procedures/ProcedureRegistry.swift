import StreamCore
import WireProtocols

/// The procedures that a tRPC client can call, by their paths: a router, in tRPC's words.
///
///     var procedures = ProcedureRegistry()
///     procedures.query("ping") { (_: NoInput, _) in "pong" }
///     procedures.mutation("project.rename") { (input: Rename, context) in try await rename(input) }
///     procedures.subscription("count") { (input: Count, context) in numbers(to: input.n, after: context.lastEventID) }
///
/// Inputs are `Decodable` and outputs `Encodable`; `JSONValue` is both. An input that does not fit is answered with `BAD_REQUEST` and where it does
/// not; a procedure throws ``/WireProtocols/TRPCError`` to say what its caller may know, and any other error is sent as `INTERNAL_SERVER_ERROR` without its words.
public struct ProcedureRegistry: Sendable {
    private var procedures: [String: Procedure] = [:]

    /// No procedures.
    public init() {}

    /// The paths, in order.
    public var paths: [String] { procedures.keys.sorted() }

    /// Adds a procedure that changes nothing; one of the same path is replaced.
    public mutating func query<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ path: String, _ body: @escaping @Sendable (Input, ProcedureContext) async throws -> Output
    ) {
        procedures[path] = .typed(.query, body)
    }

    /// Adds a procedure that may change something; one of the same path is replaced.
    public mutating func mutation<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ path: String, _ body: @escaping @Sendable (Input, ProcedureContext) async throws -> Output
    ) {
        procedures[path] = .typed(.mutation, body)
    }

    /// Adds a subscription to an async sequence of the host's; one of the same path is replaced.
    ///
    /// The sequence is made for each subscriber, iterated in the service's `run()`, no faster than the client reads, and cancelled when the client wants no
    /// more. Its end ends the subscription, what it throws fails it. Values with an id are resumed after: `lastEventID` of the context is the one that a
    /// client had last, and `lastEventId` of an input that has such a member is the same.
    ///
    /// - Parameters:
    ///   - path: The procedure's path.
    ///   - body: Makes the sequence. What it throws fails the subscription before it begins.
    public mutating func subscription<
        Input: Decodable & Sendable, Output: Encodable & Sendable, Values: AsyncSequence & SendableMetatype
    >(
        _ path: String, _ body: @escaping @Sendable (Input, ProcedureContext) async throws -> Values
    ) where Values.Element == SubscriptionValue<Output>, Values.AsyncIterator: SendableMetatype {
        add(path) { input, context in
            let input: Input = try Procedure.decode(input)
            // Made and iterated in one task: a sequence need not be sendable.
            return .sequence { outlet in
                let values = try await body(input, context)
                await outlet.begin()
                for try await value in values {
                    guard try await outlet.send(value) else { return }
                }
            }
        }
    }

    mutating func add(
        _ path: String, _ body: @escaping @Sendable (JSONValue?, ProcedureContext) async throws -> SubscriptionPlan
    ) {
        procedures[path] = .subscription(body)
    }

    subscript(path: String) -> Procedure? { procedures[path] }
}
