import DurableLog
import WireProtocols

/// Where the values of one subscription are pulled from, encoded for its wire.
protocol SubscriptionSource: AnyObject, Sendable {
    /// Notified when there may be more, as of a ``DeliverySource``.
    var signal: AppendSignal { get }

    /// Has `onReady` called when there may be more, or an end; at once when that is so already. Called once, before the first pull.
    func attach(onReady: @escaping @Sendable () -> Void)

    /// The next values, at most `maxBytes` where they can be cut.
    func next(maxBytes: Int) -> SubscriptionPull

    /// The id of the last event that was pulled or passed over, where there is one: what an idle reader can go on from.
    var position: String? { get }

    /// Nothing more will be pulled. Calling it again changes nothing.
    func end()
}

/// What a pull of a subscription came to.
enum SubscriptionPull: Sendable {
    /// Values, whole frames or events.
    case piece(DeliveryPiece)
    /// Nothing for now.
    case wait
    /// Nothing will follow: it has ended well, or failed.
    case end(TRPCError?)
    /// Nothing will follow here; it goes on where the client connects next.
    case moved
}

/// How a subscription comes by its values.
enum SubscriptionPlan: Sendable {
    /// A task of the service puts them into an outlet; returning ends the subscription, throwing fails it.
    case sequence(@Sendable (SequenceOutlet) async throws -> Void)
    /// They are the events of a stream of the log.
    case stream(StreamSelection, DeliveryHub)
}
