import DurableLog
import StreamCore
import WireProtocols

/// A subscription to a stream of the log: what its feed has encoded once for all who read it in the same way.
final class FeedSource: SubscriptionSource {
    private let reader: FeedReader

    /// Begins to read, with a format that its likes share.
    ///
    /// - Throws: ``/WireProtocols/TRPCError`` with `FORBIDDEN` for who may not read it, `NOT_FOUND` where there is nothing.
    init(
        _ selection: StreamSelection, hub: DeliveryHub, encoding: SubscriptionEncoding, access: DeliveryAccess,
        principal: DeliveryPrincipal
    ) async throws(TRPCError) {
        do throws(DeliveryRefusal) {
            try await access.check(principal, selection.stream, .read)
        } catch {
            throw TRPCError(error)
        }
        let isWrapped = selection.isWrapped
        let format = WireFormat(name: encoding.name(isWrapped: isWrapped)) { event, output in
            encoding.append(
                event.event.payload, id: event.offset.description, isWrapped: isWrapped, to: &output)
        }
        do throws(EventLogError) {
            reader = try await hub.open(selection.stream, selection.start, filter: selection.filter, format: format)
                .reader
        } catch {
            throw FeedSource.publicError(error)
        }
    }

    var signal: AppendSignal { reader.signal }

    var position: String? { reader.position.description }

    /// The stream that is read, and from where.
    var place: (StreamID, Offset) { (reader.stream, reader.position) }

    func attach(onReady: @escaping @Sendable () -> Void) { reader.attach(onReady: onReady) }

    func next(maxBytes: Int) -> SubscriptionPull {
        switch reader.next(maxBytes: maxBytes) {
        case .piece(let piece): .piece(piece)
        case .wait: .wait
        case .gap(let gap): .end(FeedSource.error(gap))
        case .end(.closed): .end(nil)
        case .end(.deleted): .end(TRPCError(.notFound, "the stream was deleted"))
        case .end(.failed(let error)):
            // A hub that has stopped: the client goes on elsewhere.
            error.code == .unavailable ? .moved : .end(FeedSource.publicError(error))
        }
    }

    func end() { reader.end() }

    /// What follows the client's event is no longer kept: it is told what is, and begins anew if it wants to.
    private static func error(_ gap: FeedGap) -> TRPCError {
        var details: JSONObject = [
            "reason": "gap", "lastEventId": .string(gap.asked.description),
            "newest": .string(gap.newest.description),
        ]
        if let oldest = gap.oldest { details["oldest"] = .string(oldest.description) }
        return TRPCError(
            .preconditionFailed, "what follows the event \(gap.asked) is not kept any more", details: details)
    }

    /// What a client may know of an error of the log.
    private static func publicError(_ error: EventLogError) -> TRPCError {
        switch error.code {
        case .notFound, .deleted: TRPCError(.notFound, "there is no such stream")
        case .unavailable, .cancelled: TRPCError(.serviceUnavailable, "the stream cannot be read for now")
        default: TRPCError(.internalServerError, "the stream cannot be read")
        }
    }
}
