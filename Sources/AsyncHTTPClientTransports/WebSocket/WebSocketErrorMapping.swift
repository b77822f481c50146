#if AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import NIOWebSockets
    import StreamTransport
    import WireProtocols

    extension TransportError {
        /// What an error of SwiftNIO means for the making of a WebSocket connection.
        init(webSocket error: any Error, of name: String, isConnected: Bool) {
            let refused = (
                Code.connectionFailed,
                "no connection could be made: is the host's name right, and does a server listen there?"
            )
            let (code, what): (Code, String) =
                switch error {
                case let error as TransportError: (error.code, error.message)
                case is HeadLimiter.Exceeded, HTTPParserError.headerOverflow:
                    (.headTooLarge, "the head of the server's answer is too large")
                case HTTPParserError.invalidEOFState: (.connectionLost, "the connection ended within the answer")
                case is HTTPParserError: (.malformedResponse, "what the server answered is not HTTP")
                case let error as NIOSSLError where error.isCut && !isConnected:
                    (.connectionFailed, "the connection ended within the TLS handshake")
                case is NIOSSLError where isConnected: (.connectionLost, "TLS broke within the handshake")
                case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
                    (
                        .tlsFailed,
                        "TLS failed: is the certificate for this host, and its issuer one of the trust roots?"
                    )
                default: isConnected ? (.connectionLost, "the connection ended without an answer") : refused
                }
            self.init(code, "\(name): \(what)", underlying: error)
        }

        /// What the end of a connection means for those who use it.
        init(_ failure: WebSocketFailure, of name: String) {
            switch failure {
            case .cancelled: self.init(.cancelled, "a task that used \(name) was cancelled; the connection goes on")
            case .closed: self.init(.connectionClosed, "\(name) was closed: nothing can be sent any more")
            case .lost(let underlying):
                self.init(
                    .connectionLost, "\(name): the connection ended without a close frame", underlying: underlying)
            case .violation(let violation):
                let code: Code =
                    switch violation.code {
                    case .messageTooBig: .responseTooLarge
                    case .internalError: .other
                    default: .malformedResponse
                    }
                self.init(code, "\(name) was closed with \(violation)", underlying: violation)
            case .silent:
                self.init(
                    .idleTimeout,
                    "\(name): the server gave no sign of life after a ping; raise the timeout if it needs longer")
            case .concurrentReceive: self.init(.invalidRequest, "two tasks receive from \(name) at a time")
            }
        }
    }
#endif
