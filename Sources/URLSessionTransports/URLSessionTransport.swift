import Foundation
public import StreamTransport
import Synchronization
public import WireProtocols

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The transport that comes with the toolchain: Foundation's `URLSession`, one session for all requests.
///
/// It needs nothing to be installed and suits command-line tools, apps and streams of language models. Its limits:
///
/// - **No backpressure.** `URLSession` hands over what comes, whether or not anybody reads. What waits for the reader is bounded by
///   ``Configuration/bufferLimit``; beyond it the connection is closed, and the reader gets what was buffered and then
///   `TransportError.Code.bufferLimitExceeded`. Large bodies for slow readers belong on `CurlTransports` or `AsyncHTTPClientTransports`.
/// - **Linux: one queue.** libcurl reads on one queue for all exchanges of a transport, and does not leave it while a server sends faster than
///   it reads, as only a server on the same machine does. Meanwhile the caller's errors and timeouts come in time, but connections are
///   closed, and other exchanges served, when that server pauses.
/// - **Header fields** of a response lose their order, and those of the same name are joined by `, `.
/// - **The connect timeout** is exact on Linux without TLS and without a proxy; the TLS handshake, and on Apple's platforms connecting too,
///   falls under the first-byte timeout.
/// - **Linux, Swift 6.3 and before:** a server that closes the connection *within* the head of a response ends the process
///   (a `fatalError` of FoundationNetworking, replaced by an error after 6.3). Use `CurlTransports` with servers that you do not trust.
/// - **Linux:** the body of a redirect is held in memory before the redirect is followed, for as long as the first-byte timeout allows;
///   FoundationNetworking copies it again with every piece, and may close such a connection late. A response in a content coding is decoded.
///
/// There is no cache, no cookies and no credentials but those in the request. A session lives as long as its transport: when the last
/// reference to the transport is gone, exchanges that are under way go on to their end. ``shutDown()`` ends them at once.
public final class URLSessionTransport: HTTPTransport {
    /// What a transport may be told.
    public struct Configuration: Sendable {
        /// How many bytes of one response may wait for their reader: 16 MiB by default.
        public var bufferLimit: Int
        /// How many redirects are followed: 10 by default; 0 makes every redirect an error.
        public var maxRedirects: Int
        /// How many connections to one host may be open at a time: 1,024 by default.
        public var maxConnectionsPerHost: Int

        /// A configuration from its parts; negative figures count as zero, a connection limit below 1 as 1.
        public init(bufferLimit: Int = 16 << 20, maxRedirects: Int = 10, maxConnectionsPerHost: Int = 1024) {
            self.bufferLimit = max(0, bufferLimit)
            self.maxRedirects = max(0, maxRedirects)
            self.maxConnectionsPerHost = max(1, maxConnectionsPerHost)
        }
    }

    private let configuration: Configuration
    private let exchanges: ExchangeTable

    /// A transport with a session of its own.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        exchanges = ExchangeTable(configuration: configuration)
    }

    deinit {
        exchanges.finish()
    }

    /// Ends all exchanges at once with `TransportError.Code.shutDown`, which is also what every later request gets.
    public func shutDown() {
        exchanges.shutDown()
    }

    /// Sends a request and returns its response as soon as the head has come; redirects are followed.
    ///
    /// - Throws: `TransportError` when no head came.
    public func send(
        _ request: ExchangeRequest, timeouts: TransportTimeouts
    ) async throws(TransportError) -> TransportResponse {
        try await RedirectChain.send(request, timeouts: timeouts, limit: configuration.maxRedirects) {
            (request, deadlines) throws(TransportError) in
            let exchange = try exchanges.start(try URLRequest(request), request, deadlines: deadlines)
            return (exchange, try await exchange.head())
        }
    }
}
