#if Curl
    public import StreamTransport
    public import WireProtocols

    /// HTTP over libcurl: real backpressure, real cancellation, HTTP/1.1 and HTTP/2, proxies and TLS with authorities of your own.
    ///
    /// One thread serves all exchanges of a transport by libcurl's multi interface; nothing of it blocks a thread of Swift's pool. It starts
    /// with the first request. Make one transport and share it: connections are kept and used again.
    ///
    /// - **Backpressure.** ``Configuration/bufferLimit`` bytes of a response wait for their reader; beyond it the server is held back.
    /// - **Cancellation** closes the connection, or resets its HTTP/2 stream, as soon as the thread has been woken.
    /// - **Delivery.** What has come since the reader last asked is handed over in one piece.
    /// - **A request may be sent twice** when a kept connection turns out to be dead before anything of its response has come: libcurl sends
    ///   it again on a new one.
    ///
    /// There is no cache, there are no cookies and no credentials but those in the request, and no content coding is undone. A response
    /// outlives its transport: when the last reference to the transport is gone, exchanges that are under way go on to their end, and the
    /// thread ends with the last of them. ``shutDown()`` ends them at once.
    ///
    /// It needs libcurl 7.80 or later; from 7.87 on a cancelled request does not wait for a name that is still being looked up.
    public final class CurlTransport: HTTPTransport {
        private let configuration: Configuration
        private let client: CurlClient

        /// A transport with a thread and connections of its own.
        public init(configuration: Configuration = Configuration()) {
            self.configuration = configuration
            client = CurlClient(configuration: configuration)
        }

        deinit {
            client.finish()
        }

        /// Ends all exchanges at once with `TransportError.Code.shutDown`, which is also what every later request gets, and returns when the
        /// thread has ended and all connections are closed.
        ///
        /// It may be called more than once.
        public func shutDown() async {
            await client.shutDown()
        }

        /// Sends a request and returns its response as soon as the head has come; redirects are followed.
        ///
        /// - Throws: `TransportError` when no head came.
        public func send(
            _ request: ExchangeRequest, timeouts: TransportTimeouts
        ) async throws(TransportError) -> TransportResponse {
            try await RedirectChain.send(request, timeouts: timeouts, limit: configuration.maxRedirects) {
                (request, deadlines) throws(TransportError) in
                let transfer = Transfer(
                    try OutgoingRequest(request), client: client, bufferLimit: configuration.bufferLimit,
                    deadlines: deadlines)
                try client.start(transfer)
                return (transfer, try await transfer.head())
            }
        }
    }
#endif
