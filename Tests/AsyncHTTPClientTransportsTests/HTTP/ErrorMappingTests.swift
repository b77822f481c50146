#if AsyncHTTPClient
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOSSL
    import StreamTransport
    import Testing

    @testable import AsyncHTTPClientTransports

    @Suite("Errors of AsyncHTTPClient and SwiftNIO")
    struct ErrorMappingTests {
        private struct Unknown: Error {}

        private static let connecting = HTTPExchange.Stage(isConnected: false, hasHead: false, received: 0)
        private static let waiting = HTTPExchange.Stage(isConnected: true, hasHead: false, received: 0)
        private static let reading = HTTPExchange.Stage(isConnected: true, hasHead: true, received: 12)

        private func code(_ error: any Error, _ stage: HTTPExchange.Stage) -> TransportError.Code {
            let result = TransportError(error, of: "GET http://a.test/x", at: stage)
            #expect(result.message.hasPrefix("GET http://a.test/x: "))
            return result.code
        }

        @Test("The same error means another thing before the connection, before the head and in the body")
        func stages() {
            let reset = IOError(errnoCode: 104, reason: "read")
            #expect(code(reset, Self.connecting) == .connectionFailed)
            #expect(code(reset, Self.waiting) == .connectionLost)
            #expect(code(reset, Self.reading) == .connectionLost)
            for ended: any Error in [
                HTTPClientError.remoteConnectionClosed, HTTPParserError.invalidEOFState, ChannelError.eof,
                NIOSSLError.uncleanShutdown,
            ] {
                #expect(code(ended, Self.waiting) == .connectionLost)
                #expect(code(ended, Self.reading) == .truncatedBody)
            }
            #expect(code(HTTPClientError.readTimeout, Self.waiting) == .firstByteTimeout)
            #expect(code(HTTPClientError.readTimeout, Self.reading) == .idleTimeout)
            #expect(code(NIOSSLExtraError.failedToValidateHostname, Self.connecting) == .tlsFailed)
            #expect(code(Unknown(), Self.connecting) == .connectionFailed)
            #expect(code(Unknown(), Self.reading) == .other)
        }

        @Test("A connection that ends within the TLS handshake is no fault of TLS")
        func cutHandshake() {
            for cut: BoringSSLError in [.syscallError, .sslError([.eofDuringHandshake])] {
                #expect(code(NIOSSLError.handshakeFailed(cut), Self.connecting) == .connectionFailed)
            }
            for refused: BoringSSLError in [.sslError([]), .wantCertificateVerify] {
                #expect(code(NIOSSLError.handshakeFailed(refused), Self.connecting) == .tlsFailed)
            }
        }

        @Test(
            "Errors of one meaning",
            arguments: [
                (HTTPClientError.alreadyShutdown as any Error, TransportError.Code.shutDown),
                (HTTPClientError.cancelled, .shutDown), (HTTPClientError.connectTimeout, .connectTimeout),
                (HTTPClientError.getConnectionFromPoolTimeout, .connectTimeout),
                (HTTPClientError.tlsHandshakeTimeout, .connectTimeout),
                (ChannelError.connectTimeout(.seconds(1)), .connectTimeout),
                (HTTPClientError.deadlineExceeded, .totalTimeout),
                (HTTPClientError.writeTimeout, .firstByteTimeout),
                (HTTPClientError.proxyAuthenticationRequired, .connectionFailed),
                (HTTPClientError.invalidURL, .invalidRequest),
                (HTTPClientError.unsupportedScheme("x"), .invalidRequest),
                (HTTPClientError.invalidHeaderFieldNames(["a b"]), .invalidRequest),
                (HTTPClientError.serverOfferedUnsupportedApplicationProtocol("spdy"), .tlsFailed),
                (HTTPParserError.headerOverflow, .headTooLarge), (HTTPParserError.invalidChunkSize, .malformedResponse),
                (HTTPParserError.invalidStatus, .malformedResponse),
            ])
        func codes(error: any Error, expected: TransportError.Code) {
            #expect(code(error, Self.waiting) == expected)
        }

        @Test("An error that says that the request was never sent is told from one that may have cost a request")
        func unsent() {
            for error: any Error in [
                ChannelError.ioOnClosedChannel, HTTPClientError.remoteConnectionClosed, HTTPClientError.cancelled,
            ] {
                #expect(Self.connecting.isUnsent(after: error))
                #expect(!Self.waiting.isUnsent(after: error))
                #expect(!Self.reading.isUnsent(after: error))
            }
            for error: any Error in [
                HTTPClientError.alreadyShutdown, HTTPClientError.connectTimeout,
                NIOSSLExtraError.failedToValidateHostname,
                NIOSSLError.uncleanShutdown, IOError(errnoCode: 111, reason: "connect"), Unknown(),
            ] {
                #expect(!Self.connecting.isUnsent(after: error))
            }
            #expect(code(ChannelError.ioOnClosedChannel, Self.connecting) == .connectionFailed)
        }

        @Test("No value of a header field gets into an error")
        func secrets() {
            let error = TransportError(
                HTTPClientError.invalidHeaderFieldValues(["Bearer sesame"]), of: "GET http://a.test",
                at: Self.connecting)
            #expect(error.code == .invalidRequest)
            #expect(!"\(error)".contains("sesame"))
        }
    }
#endif
