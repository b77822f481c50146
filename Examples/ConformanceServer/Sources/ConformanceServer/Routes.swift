import StreamDelivery

/// The endpoints by their paths: a line each.
struct Routes: DeliveryHandler, SocketHandler {
    private let handlers: [(prefix: String, handler: any DeliveryHandler)]
    private let sockets: [(prefix: String, handler: any SocketHandler)]

    init(hub: DeliveryHub) {
        handlers = [
            ("/events/", EventsEndpoint(hub: hub))
        ]
        sockets = [
            ("/ws/", EventsSocket(hub: hub)),
            ("/echo", EchoSocket()),
        ]
    }

    func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        guard let (_, handler) = handlers.first(where: { request.path.hasPrefix($0.prefix) }) else {
            return DeliveryResponse(status: 404)
        }
        return await handler.respond(to: request)
    }

    func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        guard let (_, handler) = sockets.first(where: { request.path.hasPrefix($0.prefix) }) else {
            return .refuse(DeliveryResponse(status: 404))
        }
        return await handler.accept(request)
    }
}
