#if NIO
    import DurableLog
    import StreamDelivery

    /// A source without bytes that says why it was ended.
    final class WatchedSource: DeliverySource {
        let signal = AppendSignal()
        private let onEnd: @Sendable (String) -> Void

        init(_ onEnd: @escaping @Sendable (String) -> Void) { self.onEnd = onEnd }
        func attach(onReady: @escaping @Sendable () -> Void) {}
        func next(maxBytes: Int) -> DeliveryPull { .wait }
        func heartbeat() -> DeliveryPiece? { nil }
        func end() { onEnd("end") }
        func end(_ reason: DeliveryEnding) { onEnd(reason.rawValue) }
    }
#endif
