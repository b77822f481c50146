#if Hummingbird
    public import HTTPTypes
    public import Hummingbird
    public import NIODelivery
    public import StreamDelivery

    extension RouterMethods {
        /// Has requests for a path answered by an endpoint, behind the router's middleware.
        ///
        ///     let router = Router(context: BasicDeliveryRequestContext.self)
        ///     router.deliver("events/**", pumps: pumps, to: ServerSentEventsEndpoint(hub: hub, address: .path(after: "/events/")))
        ///
        /// The endpoint sees the whole path. Where the context is a ``DeliveryRequestContext`` and the connection speaks HTTP/1.1, with TLS or without, the pump of
        /// its event loop writes streams; elsewhere (HTTP/2) a task of its own does.
        ///
        /// - Parameters:
        ///   - path: The path as the router has it, with `**` at its end where the endpoint reads what follows.
        ///   - methods: The methods that the endpoint answers.
        ///   - pumps: What writes to the readers; one for all endpoints of the server.
        ///   - configuration: How large a request's body may be.
        ///   - handler: The endpoint.
        @discardableResult
        public func deliver(
            _ path: RouterPath, methods: [HTTPRequest.Method] = [.get, .head, .post, .options], pumps: DeliveryPumps,
            configuration: HostConfiguration = HostConfiguration(), to handler: any DeliveryHandler
        ) -> Self {
            let responder = DeliveryResponder<Context>(handler: handler, pumps: pumps, configuration: configuration)
            for method in methods { on(path, method: method, responder: responder) }
            return self
        }
    }
#endif
