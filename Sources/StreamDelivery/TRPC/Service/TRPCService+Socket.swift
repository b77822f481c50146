import WireProtocols

extension TRPCService: SocketHandler {
    /// Takes WebSockets at the base path. Who announces connection parameters is authenticated by them, and refused as tRPC does it, with an error of the id null
    /// and a close; everybody else by the request, and refused by its answer.
    public func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        guard request.path == options.basePath || request.path == options.basePath + "/" else {
            return .refuse(DeliveryResponse(status: 404))
        }
        let expectsParams = request.queryItems["connectionParams"] == "1"
        var principal: (any Sendable)?
        if !expectsParams {
            switch await authenticate(request, nil) {
            case .success(let known): principal = known
            case .failure(let error): return .refuse(DeliveryResponse(status: error.code.httpStatus))
            }
        }
        return .accept(subprotocol: nil) { [self, principal] framing in
            let conversation = TRPCConversation(
                self, request: request, framing: framing, expectsParams: expectsParams, principal: principal)
            live.insert(conversation)
            return conversation
        }
    }
}
