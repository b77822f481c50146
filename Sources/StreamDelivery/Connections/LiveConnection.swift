import DurableLog
import StreamCore
import Synchronization

/// A connection that is being served, as it stands in the table of ``LiveConnections``: through it the connection is told to end.
///
/// It leaves the table when it ends, or is released.
final class LiveConnection: Sendable {
    /// What a connection is told.
    enum Order: Sendable, Hashable {
        /// The server goes down: come again, after a time.
        case drain(retry: Duration)
        /// The credential is no longer valid.
        case revoke
    }

    let principal: DeliveryPrincipal
    let address: String
    let transport: String
    let number: Int
    private let table: LiveConnections
    private let state = Mutex(State())

    private struct State: Sendable {
        var stream: StreamID?
        var order: Order?
        var isOver = false
        var onOrder: (@Sendable () -> Void)?
    }

    init(_ number: Int, _ principal: DeliveryPrincipal, address: String, transport: String, table: LiveConnections) {
        self.number = number
        self.principal = principal
        self.address = address
        self.transport = transport
        self.table = table
    }

    deinit {
        end(.departed, at: .start)
    }

    /// What the connection was told, if anything.
    var order: Order? { state.withLock { $0.order } }

    /// Has `onOrder` called when the connection is told something; at once when that is so already.
    func attach(_ onOrder: @escaping @Sendable () -> Void) {
        let isTold = state.withLock { state in
            state.onOrder = onOrder
            return state.order != nil
        }
        if isTold { onOrder() }
    }

    /// Tells the connection something; the first order counts, but that a revocation replaces a draining.
    func tell(_ order: Order) {
        let onOrder = state.withLock { state -> (@Sendable () -> Void)? in
            if state.isOver || state.order == .revoke { return nil }
            state.order = order
            return state.onOrder
        }
        onOrder?()
    }

    /// The connection began to read a stream.
    func reads(_ stream: StreamID, after offset: Offset) {
        state.withLock { $0.stream = stream }
        report(.readerConnected(stream: stream, transport: transport, after: offset))
    }

    /// The connection is over.
    ///
    /// Calling it again changes nothing.
    func end(_ reason: DeliveryEnding, at position: Offset) {
        let (isFirst, stream) = state.withLock { state in
            defer {
                state.isOver = true
                state.onOrder = nil
            }
            return (!state.isOver, state.stream)
        }
        guard isFirst else { return }
        table.remove(self)
        if let stream {
            report(
                .readerGone(stream: stream, transport: transport, position: position, reason: reason.rawValue))
        }
    }

    func report(_ event: @autoclosure () -> InstrumentationEvent) {
        table.instrumentation.report(event())
    }
}
