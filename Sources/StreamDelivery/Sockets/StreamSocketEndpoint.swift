import DurableLog
import StreamCore
import WireProtocols

/// Serves a log's streams over WebSocket: each public event is one message, which is its payload and nothing else.
///
/// What a reader asks for is as for ``ServerSentEventsEndpoint``, in the query. Messages carry no offset, so a cursor may also be a plain number: how many events stand before
/// the one that was seen last, counted from 0 over all events of the stream since it was made. Who needs offsets takes tRPC. A gap is told by a message
/// `{"type":"gap",…}`; the reason of a closing handshake names the offset to go on after.
public struct StreamSocketEndpoint: SocketHandler {
    private let hub: DeliveryHub
    private let address: StreamAddress
    private let access: DeliveryAccess
    private let missing: MissingStream
    private let limits: RequestLimits

    /// An endpoint; the parameters are those of ``ServerSentEventsEndpoint/init(hub:address:access:missing:retry:snapshots:limits:)``.
    public init(
        hub: DeliveryHub, address: StreamAddress, access: DeliveryAccess = .open, missing: MissingStream = .refuse,
        limits: RequestLimits = RequestLimits()
    ) {
        self.hub = hub
        self.address = address
        self.access = access
        self.missing = missing
        self.limits = limits
    }

    /// Takes a WebSocket, or refuses it before it is one.
    public func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        do throws(DeliveryRefusal) {
            try limits.check(request)
            try access.origins.checkSocket(request)
            let stream = try address.stream(of: request)
            let (read, place) = try readRequest(request)
            let principal = try await access.admit(request, request.queryItems, to: stream, .read)
            let connection = try hub.connections.admit(
                principal, address: request.remoteAddress, transport: "websocket")
            let reader = try await open(stream, read, after: place)
            connection.reads(stream, after: reader.position)
            return .accept(subprotocol: nil) { framing in
                let framed = reader.inFormat(.socketMessages(framing))
                reader.end()
                return StreamConversation(framed, connection, framing, rates: access.rates)
            }
        } catch {
            hub.connections.instrumentation.report(error, of: request)
            return .refuse(error.response)
        }
    }

    // What is asked for, and the place of the last event that was seen where that is a number.
    private func readRequest(_ request: DeliveryRequest) throws(DeliveryRefusal) -> (ReadRequest, UInt64?) {
        let parameters = request.queryItems
        guard let text = parameters["lastEventId"], text.utf8.count < Offset.textLength,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let place = UInt64(text)
        else { return (try ReadRequest(parameters, headers: request.headers), nil) }
        let rest = parameters.without("lastEventId")
        return (try ReadRequest(rest, headers: HeaderFields()), place)
    }

    private func open(
        _ stream: StreamID, _ read: ReadRequest, after place: UInt64?
    ) async throws(DeliveryRefusal) -> FeedReader {
        var read = read
        if let place {
            do throws(EventLogError) {
                let info = try await hub.log.info(stream)
                // The first event has index 1.
                guard let offset = Offset(era: (info.oldest ?? info.tail).era, index: place + 1) else {
                    throw EventLogError(.gap, stream, "there is no such event")
                }
                read.start = .after(offset)
            } catch {
                throw DeliveryRefusal(error)
            }
        }
        return try await hub.open(stream, read, missing, format: .serverSentEvents).reader
    }
}

extension QueryItems {
    /// The parameters of other names.
    func without(_ name: String) -> QueryItems {
        QueryItems(items: items.filter { $0.name != name }, isComplete: isComplete)
    }
}
