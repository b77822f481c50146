#if AsyncHTTPClient
    public import AsyncHTTPClient
    import NIOCore
    public import StreamTransport
    public import WireProtocols

    /// HTTP over AsyncHTTPClient: the host's own `HTTPClient`, with its pool, event loops, proxy and TLS settings, or the shared one.
    ///
    /// - **Backpressure.** The server is held back while nobody reads: beyond ``Configuration/readAhead`` nothing is read from the connection.
    /// - **Cancellation** closes the connection at once, or resets the stream of HTTP/2, also while the server floods it.
    /// - **Timeouts** are the transport's own, for the head as well as for the body. Those of the client hold besides: see below.
    /// - **Redirects** are followed by the rules of `HTTPTransport`, whatever the client is configured to; a redirect costs its connection.
    /// - **Dead connections.** Where a kept connection turns out to have ended before anything was sent on it, the request takes another.
    ///   One that was sent is never sent again: who may repeat it decides (RFC 9110 §9.2.2).
    ///
    /// What a client must be configured to, because a transport cannot change it (`HTTPClient.Configuration.forStreams` has it all):
    ///
    /// - `timeout.connect` ends an attempt before `TransportTimeouts.connect` does when it is shorter; 10 seconds unless set. And it alone ends
    ///   an attempt that nobody waits for any more: AsyncHTTPClient does not give up a connection that is being made when its request
    ///   is cancelled or times out, and lets later requests to the host wait for it.
    /// - `timeout.read` counts the time in which the *consumer* pauses, too. `HTTPClient.shared` has 90 seconds.
    /// - `connectionPool.retryConnectionEstablishment`, true unless set, makes AsyncHTTPClient try again where a connection is refused,
    ///   so that the error is a timeout, and comes when the first of both connect timeouts has passed.
    /// - `decompression`, on in `HTTPClient.shared`, decodes bodies and leaves `content-encoding` in the head. The transport asks for no
    ///   coding (`accept-encoding: identity`), so this matters where a request has an `accept-encoding` of its own.
    ///
    /// The transport does not own its client: shut the client down when nothing uses it any more. Exchanges that are under way end then
    /// with `TransportError.Code.shutDown`.
    public struct AsyncHTTPClientTransport: HTTPTransport {
        /// What a transport may be told.
        public struct Configuration: Sendable {
            /// How many redirects are followed: 10 by default; 0 makes every redirect an error.
            public var maxRedirects: Int
            /// How many bytes of one response are read ahead of their reader before the server is held back: 256 KiB by default, and what
            /// one event brought besides, some 256 KiB at most.
            public var readAhead: Int
            /// How many exchanges with one origin share the client's pool at a time: 8 by default, the limit of a client's pool unless it
            /// is set otherwise.
            ///
            /// Over HTTP/1.1 an exchange beyond the pool's limit would wait until another ends, which streams may not do for hours. So the
            /// exchanges beyond this number get connections of their own, which are closed at their end. Set it to the client's
            /// `concurrentHTTP1ConnectionsPerHostSoftLimit`, to `.max` in order to wait.
            public var pooledExchangesPerOrigin: Int

            /// A configuration from its parts; negative figures count as zero, a read-ahead below 1 as 1.
            public init(maxRedirects: Int = 10, readAhead: Int = 256 << 10, pooledExchangesPerOrigin: Int = 8) {
                self.maxRedirects = max(0, maxRedirects)
                self.readAhead = max(1, readAhead)
                self.pooledExchangesPerOrigin = max(0, pooledExchangesPerOrigin)
            }
        }

        /// How often a request whose connection was dead before it was sent takes another one.
        ///
        /// The client hears of all connections that have ended in the same turn of its loop, and hands out none of them any more: so more than
        /// one in a row is rare, and a server that ends all of them at once is not asked without end.
        static let maxUnsentRetries = 3

        private let client: HTTPClient
        private let configuration: Configuration
        let seats: ConnectionSeats

        /// A transport over a client, which must outlive the transport's exchanges.
        ///
        /// - Parameters:
        ///   - client: The host's client; `HTTPClient.shared` unless given.
        ///   - configuration: What the transport does by itself.
        public init(client: HTTPClient = .shared, configuration: Configuration = Configuration()) {
            self.client = client
            self.configuration = configuration
            seats = ConnectionSeats(
                loops: Array(client.eventLoopGroup.makeIterator()), pooled: configuration.pooledExchangesPerOrigin)
        }

        /// Sends a request and returns its response as soon as the head has come; redirects are followed.
        ///
        /// - Throws: `TransportError` when no head came.
        public func send(
            _ request: ExchangeRequest, timeouts: TransportTimeouts
        ) async throws(TransportError) -> TransportResponse {
            try await RedirectChain.send(request, timeouts: timeouts, limit: configuration.maxRedirects) {
                (request, deadlines) throws(TransportError) in try await sendHop(request, deadlines)
            }
        }

        /// Sends one request of a chain of redirects.
        private func sendHop(
            _ request: ExchangeRequest, _ deadlines: ExchangeDeadlines
        ) async throws(TransportError) -> (HTTPExchange, ExchangeResponseHead) {
            let url = try request.checkedURL()
            let clientRequest = try HTTPClient.Request(request)
            var retries = 0
            while true {
                let exchange = HTTPExchange(
                    request, seat: seats.take(for: url), readAhead: configuration.readAhead, deadlines: deadlines)
                do throws(TransportError) {
                    return (exchange, try await exchange.run(clientRequest, on: client))
                } catch {
                    guard exchange.isUnsent, retries < AsyncHTTPClientTransport.maxUnsentRetries else { throw error }
                    retries += 1
                }
            }
        }
    }
#endif
