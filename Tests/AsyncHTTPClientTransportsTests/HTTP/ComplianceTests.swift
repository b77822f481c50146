#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
    import NIOCore
    import NIOSSL
    import Testing
    import TransportTestSupport

    extension HTTPClient {
        /// A client for streams that lives until the process ends: the tests of a suite share it, as hosts do.
        static let forStreams = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .forStreams)
    }

    extension AsyncHTTPClientTransport {
        static let forStreams = AsyncHTTPClientTransport(
            client: .forStreams, configuration: .init(pooledExchangesPerOrigin: 1024))
    }

    /// The servers' certificate, where there is OpenSSL 3.
    private let tls = try? LoopbackTLS()

    /// A transport whose client trusts its authority, and nobody else.
    private func makeTrusting(connect: TimeAmount) -> AsyncHTTPClientTransport? {
        guard let tls, let authority = try? NIOSSLCertificate.fromPEMBytes(Array(tls.authority.utf8)) else {
            return nil
        }
        var configuration = HTTPClient.Configuration.forStreams
        var tlsConfiguration = TLSConfiguration.makeClientConfiguration()
        tlsConfiguration.trustRoots = .certificates(authority)
        configuration.tlsConfiguration = tlsConfiguration
        configuration.timeout.connect = connect
        return AsyncHTTPClientTransport(
            client: HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration),
            configuration: .init(pooledExchangesPerOrigin: 1024))
    }

    private let trusting = makeTrusting(connect: .seconds(10))
    // AsyncHTTPClient does not give up an attempt to connect before its own timeout, whatever became of the request.
    private let hasty = makeTrusting(connect: .milliseconds(700))

    extension TransportTests {
        @Suite("AsyncHTTPClient: compliance")
        struct ComplianceTests {
            private let expectations = TransportCompliance.Expectations(
                slowReader: .backpressure(memory: sanitizerFactor * (64 << 20)), maxRedirects: 10)

            @Test(arguments: TransportCompliance.checks)
            func complies(check: TransportCompliance.Check) async throws {
                try await check.run(on: AsyncHTTPClientTransport.forStreams, expecting: expectations)
            }

            @Test(
                .enabled(if: LoopbackTLS.isAvailable, "no OpenSSL 3"),
                arguments: TransportCompliance.checks + TransportCompliance.tlsChecks)
            func compliesOverTLS(check: TransportCompliance.Check) async throws {
                let transport = check.name.contains("handshake without end") ? hasty : trusting
                try await check.run(on: try #require(transport), expecting: expectations, over: tls)
            }
        }
    }
#endif
