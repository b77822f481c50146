#if AsyncHTTPClient
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import StreamTransport

    extension HTTPExchange {
        /// How far an exchange had come when it failed.
        struct Stage: Sendable {
            var isConnected: Bool
            var hasHead: Bool
            /// How many bytes of the body had come.
            var received: Int

            /// Whether an error says that the connection which the client had chosen was dead before the request was sent on it.
            ///
            /// AsyncHTTPClient hands out a connection until its pool hears that it has ended, and fails the request then, with an error that
            /// depends on who was quicker: the channel, the state of HTTP/1.1, or (`cancelled`) that of HTTP/2. A client that is shut
            /// down fails with `cancelled` too; it takes no further request.
            func isUnsent(after error: any Error) -> Bool {
                guard !isConnected, !hasHead else { return false }
                return switch error {
                case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof: true
                case let error as HTTPClientError: error == .remoteConnectionClosed || error == .cancelled
                default: false
                }
            }
        }
    }

    extension NIOSSLError {
        /// Whether the connection ended, within the handshake or later; nothing is wrong with the other side's TLS then.
        var isCut: Bool {
            switch self {
            case .uncleanShutdown, .handshakeFailed(.syscallError), .handshakeFailed(.sslError([.eofDuringHandshake])),
                .handshakeFailed(.sslError([.eofDuringAdditionalCertficiateChainValidation])):
                true
            default: false
            }
        }
    }

    extension TransportError {
        /// What an error of AsyncHTTPClient and SwiftNIO means for an exchange.
        init(_ error: any Error, of name: String, at stage: HTTPExchange.Stage) {
            let (code, what) = TransportError.meaning(of: error, at: stage)
            // What AsyncHTTPClient says of a header field that it refuses has the value of the field in it.
            self.init(code, "\(name): \(what)", underlying: code == .invalidRequest ? nil : error)
        }

        private static func meaning(of error: any Error, at stage: HTTPExchange.Stage) -> (Code, String) {
            switch error {
            case let error as HTTPClientError: meaning(of: error, at: stage)
            case let error as HTTPParserError: meaning(of: error, at: stage)
            case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
                if (error as? NIOSSLError)?.isCut == true {
                    broken(at: stage)
                } else if stage.isConnected {
                    (.connectionLost, "TLS broke in the midst of the exchange")
                } else {
                    (
                        .tlsFailed,
                        "TLS failed: is the certificate for this host, and its issuer one of the client's trust roots?"
                    )
                }
            case let error as ChannelError:
                if case .connectTimeout = error { refused(.connectTimeout) } else { broken(at: stage) }
            case let error as IOError:
                stage.isConnected
                    ? (
                        .connectionLost,
                        "the connection broke in the midst of the exchange (error number \(error.errnoCode))"
                    )
                    : refused(.connectionFailed)
            case is NIOConnectionError, is SocketAddressError: refused(.connectionFailed)
            default:
                // Errors of packages that AsyncHTTPClient does not hand on to those who use it, such as those of HTTP/2.
                stage.isConnected
                    ? (.other, "the exchange failed; the underlying error says why") : refused(.connectionFailed)
            }
        }

        private static func meaning(of error: HTTPClientError, at stage: HTTPExchange.Stage) -> (Code, String) {
            switch error {
            case .alreadyShutdown: return (.shutDown, "the client was shut down before")
            case .cancelled: return (.shutDown, "the client ended the exchange: it was shut down meanwhile")
            case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .socksHandshakeTimeout,
                .httpProxyHandshakeTimeout:
                return (
                    .connectTimeout,
                    "no connection stood within the client's own connect timeout (\(error.shortDescription)); raise the client's timeout.connect"
                )
            case .readTimeout:
                return (
                    stage.hasHead ? .idleTimeout : .firstByteTimeout,
                    "nothing was read for as long as the client's own timeout.read; clients for streams have none"
                )
            case .writeTimeout:
                return (.firstByteTimeout, "the request could not be written within the client's own timeout.write")
            case .deadlineExceeded: return (.totalTimeout, "the client's deadline has passed")
            case .remoteConnectionClosed, .uncleanShutdown: return broken(at: stage)
            case .invalidProxyResponse, .proxyAuthenticationRequired:
                return (
                    .connectionFailed,
                    "the client's proxy refused (\(error.shortDescription)); look at the client's proxy setting"
                )
            case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath, .traceRequestWithBody, .invalidLocalAddress:
                return (.invalidRequest, "AsyncHTTPClient refuses the request: \(error.shortDescription)")
            default:
                // The codes with values cannot be matched by one.
                let what = error.shortDescription
                if what.hasPrefix("Invalid header") || what.hasPrefix("Unsupported scheme") {
                    return (.invalidRequest, "AsyncHTTPClient refuses the request: \(what)")
                }
                if what.hasPrefix("Server offered") {
                    return (.tlsFailed, "the server speaks neither HTTP/1.1 nor HTTP/2")
                }
                return (.other, "AsyncHTTPClient failed: \(what)")
            }
        }

        private static func meaning(of error: HTTPParserError, at stage: HTTPExchange.Stage) -> (Code, String) {
            switch error {
            case .invalidEOFState: broken(at: stage)
            case .headerOverflow:
                (
                    .headTooLarge,
                    "the head, or the trailer, is larger than SwiftNIO takes (80 KiB a field, 256 fields, 2 MiB)"
                )
            default: (.malformedResponse, "what came is not HTTP (\(error))")
            }
        }

        /// The connection ended too early.
        private static func broken(at stage: HTTPExchange.Stage) -> (Code, String) {
            if stage.hasHead {
                return (
                    .truncatedBody, "the connection ended after \(stage.received) bytes of the body: it is not whole"
                )
            }
            return stage.isConnected
                ? (.connectionLost, "the connection ended without a response")
                : (.connectionFailed, "the server, or a proxy, ended the connection before the request was sent")
        }

        private static func refused(_ code: Code) -> (Code, String) {
            (code, "no connection could be made: is the host's name right, and does a server listen there?")
        }
    }
#endif
