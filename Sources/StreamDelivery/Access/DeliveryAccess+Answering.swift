import StreamCore
import WireProtocols

extension DeliveryAccess {
    /// Answers a request so that pages may read it: preflights (Fetch §4.8) by what the origins allow, a refusal by `refused`, and each with the fields of CORS.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - methods: The methods that are told to a preflight, as they stand in its answer.
    ///   - instrumentation: What is told of a refusal.
    ///   - answer: What the request is answered with.
    ///   - refused: How a refusal is answered.
    func respond(
        to request: DeliveryRequest, methods: String, _ instrumentation: Instrumentation,
        _ answer: () async throws(DeliveryRefusal) -> DeliveryResponse,
        refused: (DeliveryRefusal) -> DeliveryResponse = { $0.response }
    ) async -> DeliveryResponse {
        if let preflight = origins.preflight(request, methods: methods) { return preflight }
        var response: DeliveryResponse
        do throws(DeliveryRefusal) {
            response = try await answer()
        } catch {
            instrumentation.report(error, of: request)
            response = refused(error)
        }
        origins.allow(request, &response.headers)
        return response
    }
}

extension Instrumentation {
    /// Tells of a request that is refused.
    func report(_ refusal: DeliveryRefusal, of request: DeliveryRequest) {
        report(.requestRefused(code: refusal.code.rawValue, status: refusal.status, address: request.remoteAddress))
    }
}
