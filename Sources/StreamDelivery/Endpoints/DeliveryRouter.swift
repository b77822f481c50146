import WireProtocols

/// Finds the endpoint of a request by its path: for hosts without a router of their own.
///
///     var router = DeliveryRouter()
///     router.add("/events/*", methods: ["GET", "HEAD"], events)
///     router.add("/events/*", methods: ["POST"], appends)
///     router.addSocket("/ws/*", sockets)
public struct DeliveryRouter: DeliveryHandler, SocketHandler {
    private struct Route<Handler: Sendable>: Sendable {
        var path: String
        var isPrefix: Bool
        var methods: Set<String>?
        var handler: Handler

        init(_ pattern: String, _ methods: Set<String>?, _ handler: Handler) {
            isPrefix = pattern.hasSuffix("/*")
            path = isPrefix ? String(pattern.dropLast()) : pattern
            self.methods = methods
            self.handler = handler
        }

        func matches(_ request: DeliveryRequest) -> Bool {
            isPrefix ? request.path.utf8.starts(with: path.utf8) : request.path == path
        }
    }

    private var routes: [Route<any DeliveryHandler>] = []
    private var sockets: [Route<any SocketHandler>] = []

    /// A router without routes.
    public init() {}

    /// Has an endpoint answer requests for a path; of several that match, the first that was added.
    ///
    /// - Parameters:
    ///   - pattern: A path as it stands in a request, or with `/*` at its end all paths that begin so.
    ///   - methods: For which methods; nil for all, and `OPTIONS` always.
    ///   - handler: The endpoint.
    public mutating func add(_ pattern: String, methods: Set<String>? = nil, _ handler: any DeliveryHandler) {
        routes.append(Route(pattern, methods, handler))
    }

    /// Has an endpoint answer requests for WebSockets.
    public mutating func addSocket(_ pattern: String, _ handler: any SocketHandler) {
        sockets.append(Route(pattern, nil, handler))
    }

    /// Answers a request by its endpoint; 404 for a path without one, 405 for a method that none of them takes.
    public func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        let matching = routes.filter { $0.matches(request) }
        let route = matching.first { route in
            route.methods.map { $0.contains(request.method) || request.method == "OPTIONS" } ?? true
        }
        if let route { return await route.handler.respond(to: request) }
        guard !matching.isEmpty else {
            return DeliveryRefusal(.notFound, "there is nothing at this address").response
        }
        var response = DeliveryRefusal(.methodNotAllowed, "the method is not for this address").response
        let methods = Set(matching.flatMap { $0.methods ?? [] }).sorted().joined(separator: ", ")
        try? response.headers.set("allow", methods)
        return response
    }

    /// Takes a WebSocket by its endpoint; 404 for a path without one.
    public func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        guard let route = sockets.first(where: { $0.matches(request) }) else {
            return .refuse(DeliveryRefusal(.notFound, "there is no WebSocket at this address").response)
        }
        return await route.handler.accept(request)
    }
}
