import Synchronization

/// A request that the loopback server received, and what became of its connection.
public final class LoopbackExchange: Sendable {
    /// The request.
    public let request: LoopbackRequest
    /// Opens when the connection has ended, by whichever side.
    let ended = Gate()
    private let state = Mutex((bytes: 0, byClient: false))

    init(request: LoopbackRequest) {
        self.request = request
    }

    /// How many bytes of the response the system has taken, head and framing included.
    public var bytesSent: Int { state.withLock { $0.bytes } }

    /// Whether the connection has ended.
    public var isEnded: Bool { ended.isOpen }

    /// Whether the client has closed or reset the connection before the server did.
    public var isClosedByClient: Bool { state.withLock { $0.byClient } }

    /// Returns when the connection has ended.
    ///
    /// - Returns: Whether the client ended it.
    /// - Throws: `CancellationError` when the task is cancelled first.
    @discardableResult
    public func waitUntilEnded() async throws(CancellationError) -> Bool {
        try await ended.wait()
        return isClosedByClient
    }

    func count(_ bytes: Int) { state.withLock { $0.bytes += bytes } }

    func end(byClient: Bool) {
        state.withLock { $0.byClient = byClient }
        ended.open()
    }
}
