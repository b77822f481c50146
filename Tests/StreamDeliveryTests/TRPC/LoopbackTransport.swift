import DurableLog
import StreamDelivery
import StreamTransport
import Synchronization
import WireProtocols

/// A service as the transports of clients in the same process: requests reach it without a network, and connections are cut where the test says.
final class LoopbackTransport: WebSocketTransport, HTTPTransport {
    private struct State {
        var service: TRPCService
        var connectionCount = 0
        var targets: [String] = []
    }

    private let state: Mutex<State>
    private let cut: @Sendable (Int) -> Int?

    /// Transports to a service.
    ///
    /// - Parameter cut: After how many frames, or pieces of a body, a connection is cut, by its number, counted from 0; nil for never.
    init(_ service: TRPCService, cut: @escaping @Sendable (Int) -> Int? = { _ in nil }) {
        state = Mutex(State(service: service))
        self.cut = cut
    }

    /// Has new connections reach another service.
    func move(to service: TRPCService) { state.withLock { $0.service = service } }

    /// How many connections were made.
    var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// What was asked for, path and query.
    var targets: [String] { state.withLock { $0.targets } }

    private func dial(_ url: String) -> (TRPCService, String, Int?) {
        let target = url.firstRange(of: "://").map { String(url[$0.upperBound...].drop { $0 != "/" }) } ?? url
        return state.withLock { state in
            defer { state.connectionCount += 1 }
            state.targets.append(target)
            return (state.service, target, cut(state.connectionCount))
        }
    }

    func connect(
        to request: WebSocketRequest, timeouts: WebSocketTimeouts
    ) async throws(TransportError) -> WebSocketConnection {
        let (service, target, cut) = dial(request.url)
        switch await service.accept(DeliveryRequest(target: target, headers: request.headers)) {
        case .refuse(let response):
            let head = ExchangeResponseHead(status: response.status, headers: response.headers)
            throw TransportError(.upgradeRefused, "refused", underlying: WebSocketRefusal(head: head))
        case .accept(_, let begin):
            return WebSocketConnection(
                link: Link(Pump(begin(PlainFraming())), cut: cut), head: ExchangeResponseHead(status: 101),
                agreement: WebSocketAgreement())
        }
    }

    func send(
        _ request: ExchangeRequest, timeouts: TransportTimeouts
    ) async throws(TransportError) -> TransportResponse {
        let (service, target, cut) = dial(request.url)
        let response = await service.respond(
            to: DeliveryRequest(
                method: request.method, target: target, headers: request.headers, body: request.body))
        let head = ExchangeResponseHead(status: response.status, headers: response.headers)
        switch response.body {
        case .none: return TransportResponse(head: head, body: ResponseBody(chunks: []))
        case .bytes(let bytes): return TransportResponse(head: head, body: ResponseBody(chunks: [bytes]))
        case .stream(let source):
            let pump = Pump(source)
            let pieces = Mutex(0)
            return TransportResponse(
                head: head,
                body: ResponseBody(
                    next: { () throws(TransportError) in
                        let number = pieces.withLock { count in
                            defer { count += 1 }
                            return count
                        }
                        if number == cut { throw TransportError(.connectionLost, "cut") }
                        guard let piece = await pump.next(maxBytes: 1) else {
                            if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
                            return nil
                        }
                        // The last piece before the cut comes in half: an event that is not whole counts for nothing.
                        return number + 1 == cut ? Array(piece.prefix(piece.count - 1)) : piece
                    }, onClose: { pump.source.end() }))
        }
    }

    private final class Link: WebSocketLink {
        private let pump: Pump
        private let cut: Int?
        private let received = Mutex(0)
        private let hasClosed = Mutex(false)

        init(_ pump: Pump, cut: Int?) {
            self.pump = pump
            self.cut = cut
        }

        func receive() async throws(TransportError) -> WebSocketMessage? {
            if received.withLock({ $0 }) == cut {
                pump.source.end()
                throw TransportError(.connectionLost, "cut")
            }
            guard let text = await pump.message() else {
                if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
                return nil
            }
            received.withLock { $0 += 1 }
            return .text(text)
        }

        func send(_ message: WebSocketMessage) async throws(TransportError) {
            guard !hasClosed.withLock({ $0 }) else { throw TransportError(.connectionClosed, "closed") }
            _ = pump.conversation.receive(message)
        }

        func ping() async throws(TransportError) {}
        func close(_ closure: WebSocketClosure) async { abort() }

        func abort() {
            hasClosed.withLock { $0 = true }
            pump.source.end()
        }

        var closure: WebSocketClosure? { pump.conversation.closure }
    }
}
