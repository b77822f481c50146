public import WireProtocols

/// Carries out HTTP exchanges: a request in; status, header fields and a body that is pulled out.
///
/// **Callers** use any transport the same way: ``send(_:timeouts:)`` returns as soon as the head is there, and the body is
/// read chunk by chunk from ``TransportResponse/body``. An error status is a response and not an error.
///
/// **Implementers** promise what `TransportCompliance` of `AgentKitTesting` checks; run it over your transport:
///
/// - *Exactness.* The body's chunks, put together, are the bytes that the server sent, after the transfer coding (chunked) is
///   undone. Chunks are not empty. They are handed over as they come: never wait to fill a chunk.
/// - *Backpressure.* Read from the socket only while the consumer pulls, with a small, fixed buffer. A stack that cannot
///   do so bounds its buffer and, past the bound, closes the connection and throws ``TransportError/Code/bufferLimitExceeded``
///   with a message that names a transport which can.
/// - *Cancellation.* Cancelling the task in ``send(_:timeouts:)`` or in the body's `next`, and letting go of the body before
///   its end, close the connection (or reset its HTTP/2 stream) at once. A cancelled call throws ``TransportError/Code/cancelled``.
///   Nothing is left behind: no descriptor, thread, task or timer.
/// - *Timeouts.* All four of ``TransportTimeouts``, measured by your own timers where those of your stack are not exact.
/// - *Typed failures.* A connection that cannot be made: ``TransportError/Code/connectionFailed``; a body that ends before
///   its `content-length` or its last chunk: ``TransportError/Code/truncatedBody``; a connection reset in the midst:
///   ``TransportError/Code/connectionLost``; bytes that are not HTTP, an invalid chunk size, a head without end:
///   ``TransportError/Code/malformedResponse`` or ``TransportError/Code/headTooLarge``. Never a success, a hang or unbounded growth.
/// - *Redirects.* Followed up to a limit, beyond it ``TransportError/Code/tooManyRedirects``; the fields that
///   `HeaderField.isSensitive` names go to the first request's origin alone. As in RFC 9110 §15.4, 307 and 308 keep method and body,
///   303 becomes a `GET`, and so does a `POST` at 301 and 302.
/// - *Nothing kept.* No cache and no cookies between exchanges.
/// - *Nothing made up.* Refuse what you cannot send (``TransportError/Code/invalidRequest``); add no field but those of
///   framing and connection, `host`, and a `user-agent` and `accept` when the caller gave none. No `accept-encoding` unless decompression is
///   streamed and bounded too.
/// - *Concurrency.* Any number of exchanges at a time, from any task.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns its response as soon as the head has come; the body follows as it is read.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - timeouts: How long each phase may take.
    /// - Throws: ``TransportError`` when no head came.
    func send(
        _ request: ExchangeRequest, timeouts: TransportTimeouts
    ) async throws(TransportError) -> TransportResponse
}

extension HTTPTransport {
    /// Sends a request with the default timeouts.
    ///
    /// - Throws: ``TransportError`` when no head came.
    public func send(_ request: ExchangeRequest) async throws(TransportError) -> TransportResponse {
        try await send(request, timeouts: TransportTimeouts())
    }
}
