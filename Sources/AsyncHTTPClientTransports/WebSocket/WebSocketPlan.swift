#if AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOWebSockets
    import StreamTransport
    import WireProtocols

    /// What a connection is to be: the request, checked and in the terms of SwiftNIO.
    struct WebSocketPlan: Sendable {
        let url: WebSocketURL
        let handshake: WebSocketClientHandshake
        let head: HTTPRequestHead
        let headLimit: Int
        let timeouts: WebSocketTimeouts
        private let configuration: NIOWebSocketTransport.Configuration
        /// For messages; without credentials.
        let name: String

        init(
            _ request: WebSocketRequest, timeouts: WebSocketTimeouts,
            configuration: NIOWebSocketTransport.Configuration
        ) throws(TransportError) {
            name = "WebSocket \(request.redactedURL)"
            guard let url = WebSocketURL(request.url) else {
                throw TransportError(
                    .invalidRequest,
                    "'\(request.redactedURL)' is no absolute ws or wss URL without user and fragment, percent-encoded where needed"
                )
            }
            if let field = request.headers.first(where: { WebSocketClientHandshake.isReserved($0.name) }) {
                throw TransportError(
                    .invalidRequest, "leave '\(field.name)' out: it belongs to the handshake, which the transport makes"
                )
            }
            var random = SystemRandomNumberGenerator()
            do throws(WebSocketHandshakeError) {
                handshake = try WebSocketClientHandshake(
                    subprotocols: request.subprotocols, deflate: configuration.compression, using: &random)
            } catch {
                throw TransportError(.invalidRequest, "\(name): \(error.message)", underlying: error)
            }
            var fields = HTTPHeaders([("host", url.hostField)])
            for field in handshake.headers { fields.add(name: field.name, value: field.value) }
            for field in request.headers { fields.add(name: field.name, value: field.value) }
            head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: fields)
            self.url = url
            self.timeouts = timeouts
            self.configuration = configuration
            headLimit = configuration.headLimit
        }

        func connectionConfiguration(_ agreement: WebSocketAgreement) -> WebSocketConfiguration {
            var connection = WebSocketConfiguration()
            connection.limits = configuration.limits
            connection.deflate = agreement.deflate
            connection.compressionThreshold = configuration.compressionThreshold
            connection.outgoingFrameSize = configuration.outgoingFrameSize
            connection.pingInterval = timeouts.pingInterval.map(TimeAmount.init(bounding:))
            connection.pongTimeout = timeouts.pong.map(TimeAmount.init(bounding:))
            connection.closeTimeout = timeouts.close.map(TimeAmount.init(bounding:))
            return connection
        }
    }

    extension TimeAmount {
        /// A duration, between none and a hundred years.
        init(bounding duration: Duration) {
            self.init(min(max(duration, .zero), .seconds(100 * 365 * 86_400)))
        }
    }
#endif
