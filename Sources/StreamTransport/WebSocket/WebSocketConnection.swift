import Synchronization
public import WireProtocols

/// A WebSocket connection: messages are pulled from one side by one consumer, and sent by anybody.
///
///     let connection = try await transport.connect(to: WebSocketRequest(url: "wss://example.org/trpc"))
///     try await connection.send(.text(#"{"id":1,"method":"subscription"}"#))
///     while let message = try await connection.receive() { … }
///     print(connection.closure)
///
/// The peer is held back while nobody pulls: then its pings are not answered either, once a small buffer is full. Pings are answered, and
/// sent to see whether the peer is there, without the caller's doing. The connection is cut when the last copy of this value is gone.
public struct WebSocketConnection: Sendable {
    private final class Source: Sendable {
        let link: any WebSocketLink
        let reading = Mutex(Reading())

        struct Reading {
            var isBusy = false
            var hasEnded = false
        }

        init(link: any WebSocketLink) {
            self.link = link
        }

        deinit { link.abort() }
    }

    /// The head of the server's answer.
    public let head: ExchangeResponseHead
    /// What the handshake came to: the subprotocol, and how messages are compressed.
    public let agreement: WebSocketAgreement
    private let source: Source

    /// A connection from a transport.
    ///
    /// - Parameters:
    ///   - link: What carries the messages.
    ///   - head: The head of the server's answer.
    ///   - agreement: What the handshake came to.
    public init(link: any WebSocketLink, head: ExchangeResponseHead, agreement: WebSocketAgreement) {
        source = Source(link: link)
        self.head = head
        self.agreement = agreement
    }

    /// The subprotocol that the server chose; nil when it chose none.
    public var subprotocol: String? { agreement.subprotocol }

    /// What the peer's close frame said; nil as long as none has come, and for good when the connection was cut.
    ///
    /// A frame without a code gives ``/WireProtocols/WebSocketCloseCode/noStatusReceived``.
    public var closure: WebSocketClosure? { source.link.closure }

    /// Returns the next message, or nil when the peer has sent its close frame, or this end has closed; ``closure`` says why.
    ///
    /// Any code ends the messages like this, also one that stands for an error: only the caller knows what it means. After its end or an
    /// error it returns nil. One task at a time may be in it. When that task is cancelled, the connection stays, and no
    /// message is lost.
    ///
    /// - Throws: ``TransportError``.
    public func receive() async throws(TransportError) -> WebSocketMessage? {
        let (isFirst, hasEnded) = source.reading.withLock { reading in
            defer { reading.isBusy = true }
            return (!reading.isBusy, reading.hasEnded)
        }
        guard isFirst else {
            throw TransportError(
                .invalidRequest, "two tasks receive from one WebSocket at a time: let one of them hand the messages on")
        }
        var ends = false
        defer {
            source.reading.withLock { reading in
                reading.isBusy = false
                if ends { reading.hasEnded = true }
            }
        }
        if hasEnded { return nil }
        do throws(TransportError) {
            let message = try await source.link.receive()
            ends = message == nil
            return message
        } catch {
            ends = error.code != .cancelled
            throw error
        }
    }

    /// Sends a message, behind those that were sent before.
    ///
    /// It returns when the message was taken and there is room for more: while the peer does not read, senders wait. That it returns
    /// does not say that the peer has the message. When the task is cancelled while it waits, the message is not sent.
    ///
    /// - Throws: ``TransportError``; ``TransportError/Code/connectionClosed`` when either end has closed.
    public func send(_ message: WebSocketMessage) async throws(TransportError) {
        try await source.link.send(message)
    }

    /// Sends a ping and returns when its pong comes, for which somebody must receive.
    ///
    /// - Throws: ``TransportError``; ``TransportError/Code/connectionClosed`` when either end has closed.
    public func ping() async throws(TransportError) {
        try await source.link.ping()
    }

    /// Closes in order: what was sent before goes out, then a close frame; it returns when the connection is gone.
    ///
    /// That is when the peer has closed too, when ``WebSocketTimeouts/close`` is over, or at once when the task is cancelled. Messages
    /// that have not been received are dropped. Closing again changes nothing.
    ///
    /// - Parameters:
    ///   - code: Why; a code that may not be sent becomes 1011, and ``/WireProtocols/WebSocketCloseCode/noStatusReceived`` sends none.
    ///   - reason: A text for whoever looks for a fault; at most 123 bytes of it are sent.
    public func close(_ code: WebSocketCloseCode = .normalClosure, reason: String = "") async {
        await source.link.close(WebSocketClosure(code, reason: reason))
    }

    /// Cuts the connection at once, if it is still there, and does not wait.
    public func abort() {
        source.link.abort()
    }
}
