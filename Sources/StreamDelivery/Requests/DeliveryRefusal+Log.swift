public import DurableLog
import StreamCore

extension DeliveryRefusal {
    /// What an error of the log is answered with.
    ///
    /// What it says of files and machines stays here.
    public init(_ error: EventLogError) {
        switch error.code {
        case .notFound: self.init(.notFound, "there is no such stream")
        case .deleted: self.init(.gone, "the stream was deleted")
        case .closed: self.init(.conflict, "the stream is closed")
        case .conflict: self.init(.conflict, "the stream is there with other options")
        case .contentTypeMismatch: self.init(.conflict, "the stream has another content type")
        case .tooLarge: self.init(.bodyTooLarge, "the event is larger than the log takes")
        case .gap:
            self.init(.gap, "what follows the cursor is not kept")
            details["oldest"] = error.kept?.oldest.map { .string($0.description) } ?? .null
            if let newest = error.kept?.newest { details["newest"] = .string(newest.description) }
        case .staleEpoch, .producerGap, .newEpochSequence, .checksumMismatch, .sequenceRegression:
            self.init(.conflict, "the append does not follow the producer's last one (\(error.code))")
        case .unavailable, .cancelled, .locked, .storage:
            self.init(.unavailable, "the log cannot be used at the moment", retryAfter: .seconds(5))
        default: self.init(.internalError, "the log cannot read the stream")
        }
    }
}
