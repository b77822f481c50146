import WireProtocols

extension TRPCService: SocketHandler {
    /// Takes WebSockets at the base path.
    ///
    /// Who announces connection parameters is authenticated by them, and refused as tRPC does it, with an error of the id null
    /// and a close; everybody else by the request, and refused by its answer.
    public func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        guard request.path == options.basePath || request.path == options.basePath + "/" else {
            return .refuse(DeliveryResponse(status: 404))
        }
        let expectsParams = request.queryItems["connectionParams"] == "1"
        do throws(DeliveryRefusal) {
            try options.requests.check(request)
            try access.origins.checkSocket(request)
            let principal = expectsParams ? .anonymous : try await authenticate(request, nil)
            let connection = try connections.admit(
                principal, address: request.remoteAddress, transport: "trpc-websocket")
            return .accept(subprotocol: nil) { [self] framing in
                TRPCConversation(
                    self, request: request, framing: framing, expectsParams: expectsParams, connection: connection)
            }
        } catch {
            return .refuse(error.response)
        }
    }
}
