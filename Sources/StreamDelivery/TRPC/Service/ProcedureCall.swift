import StreamCore
import WireProtocols

/// A call as it came, over whatever wire.
struct ProcedureCall: Sendable {
    let path: String
    let input: JSONValue?
    let context: ProcedureContext

    /// A call; the id of the last event, where there is one, goes into the input too (trpc/trpc, `adapters/ws.ts`, `http/contentType.ts`).
    init(
        path: String, input: JSONValue?, lastEventID: String?, request: DeliveryRequest,
        connectionParams: TRPCConnectionParams?, principal: DeliveryPrincipal
    ) {
        self.path = path
        var input = input
        if let lastEventID {
            switch input {
            case .object(var object)?:
                object["lastEventId"] = .string(lastEventID)
                input = .object(object)
            case nil, .null?: input = ["lastEventId": .string(lastEventID)]
            default: break
            }
        }
        self.input = input
        context = ProcedureContext(
            path: path, request: request, connectionParams: connectionParams, principal: principal,
            lastEventID: lastEventID ?? input?["lastEventId"]?.stringValue)
    }

    /// The answer of a query or mutation.
    func answer(
        _ body: @Sendable (JSONValue?, ProcedureContext) async throws -> JSONValue
    ) async -> Result<JSONValue, TRPCError> {
        do {
            return .success(try await body(input, context))
        } catch {
            return .failure(Procedure.publicError(error).at(path))
        }
    }

    /// How a subscription comes by its values.
    func plan(
        _ body: @Sendable (JSONValue?, ProcedureContext) async throws -> SubscriptionPlan
    ) async -> Result<SubscriptionPlan, TRPCError> {
        do {
            return .success(try await body(input, context))
        } catch {
            return .failure(Procedure.publicError(error).at(path))
        }
    }

    /// Puts the values of a sequence into its outlet, to their end; an error before the sequence was made is returned.
    func run(
        _ sequence: @Sendable (SequenceOutlet) async throws -> Void, into outlet: SequenceOutlet
    ) async -> TRPCError? {
        do {
            try await sequence(outlet)
            outlet.finish(Task.isCancelled ? .moved : .end(nil))
            return nil
        } catch {
            let failure = Procedure.publicError(error).at(path)
            outlet.finish(Task.isCancelled ? .moved : .end(failure))
            return outlet.isBegun ? nil : failure
        }
    }
}
