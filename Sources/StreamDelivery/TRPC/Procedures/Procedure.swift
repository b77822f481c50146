import StreamCore
import WireProtocols

/// A procedure without its types.
enum Procedure: Sendable {
    /// It answers once.
    case call(TRPCProcedureType, @Sendable (JSONValue?, ProcedureContext) async throws -> JSONValue)
    /// It answers any number of times.
    case subscription(@Sendable (JSONValue?, ProcedureContext) async throws -> SubscriptionPlan)

    /// What it is.
    var type: TRPCProcedureType {
        switch self {
        case .call(let type, _): type
        case .subscription: .subscription
        }
    }

    /// A procedure that answers once, with its types.
    static func typed<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ type: TRPCProcedureType, _ body: @escaping @Sendable (Input, ProcedureContext) async throws -> Output
    ) -> Procedure {
        .call(type) { input, context in
            try JSONValue(encoding: try await body(try decode(input), context))
        }
    }

    /// The input as a Swift type.
    static func decode<Input: Decodable>(_ input: JSONValue?) throws(TRPCError) -> Input {
        do {
            return try (input ?? .null).decoded(as: Input.self)
        } catch let error as DecodingError {
            throw TRPCError(.badRequest, "the input does not fit: \(describe(error))")
        } catch let error as TRPCError {
            throw error
        } catch {
            // A type's own `init(from:)` may throw anything; its words are not for a client.
            throw TRPCError(.badRequest, "the input does not fit")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "'\(text(context.codingPath + [key]))' is missing"
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? context.debugDescription : "'\(text(context.codingPath))': \(context.debugDescription)"
        @unknown default: "it cannot be read"
        }
    }

    private static func text(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    /// What a client may know of an error: all of a ``TRPCError``, nothing of any other.
    static func publicError(_ error: any Error) -> TRPCError {
        switch error {
        case let error as TRPCError: error
        case is CancellationError: TRPCError(.clientClosedRequest)
        default: TRPCError(.internalServerError, "the procedure failed")
        }
    }
}
