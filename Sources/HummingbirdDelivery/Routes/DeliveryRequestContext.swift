#if Hummingbird
    public import Hummingbird
    public import NIOCore

    /// A request context that knows its connection's channel: what the bodies of streams are written past the framework with.
    ///
    /// Give your own context the channel of its source to have both:
    ///
    ///     struct SiteContext: DeliveryRequestContext {
    ///         var coreContext: CoreRequestContextStorage
    ///         let channel: any Channel
    ///         init(source: Source) {
    ///             coreContext = .init(source: source)
    ///             channel = source.channel
    ///         }
    ///     }
    public protocol DeliveryRequestContext: RequestContext {
        /// The connection's channel, or over HTTP/2 that of the request's stream.
        var channel: any Channel { get }
    }

    /// A request context for those who need nothing more.
    public struct BasicDeliveryRequestContext: DeliveryRequestContext {
        /// What Hummingbird keeps in every context.
        public var coreContext: CoreRequestContextStorage
        /// The connection's channel.
        public let channel: any Channel

        /// A context of a request on a channel.
        public init(source: ApplicationRequestContextSource) {
            coreContext = CoreRequestContextStorage(source: source)
            channel = source.channel
        }
    }
#endif
