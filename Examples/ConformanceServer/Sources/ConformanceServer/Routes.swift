import DurableLog
import StreamDelivery

extension DeliveryRouter {
    /// What the server offers, by path.
    init(hub: DeliveryHub, procedures: TRPCService) {
        self.init()
        let events = StreamAddress.path(after: "/events/")
        // Whoever names a stream makes it, with whatever text is posted.
        let missing = MissingStream.create(StreamOptions(contentType: "text/plain"))
        add("/events/*", methods: ["POST"], AppendEndpoint(log: hub.log, address: events, missing: missing))
        add("/events/*", ServerSentEventsEndpoint(hub: hub, address: events, missing: missing))
        addSocket("/ws/*", StreamSocketEndpoint(hub: hub, address: .path(after: "/ws/"), missing: missing))
        // Suites wait for a long-poll to find nothing, and some give up after 5 seconds.
        let options = DurableStreamsOptions(longPollTimeout: .seconds(2))
        add("/v1/stream/*", DurableStreamsEndpoint(hub: hub, options: options))
        add("/trpc/*", procedures)
        addSocket("/trpc", procedures)
        addSocket("/echo", EchoSocket())
    }
}
