#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
    import NIOCore
    import Testing

    extension HTTPClient {
        /// A client for streams that lives until the process ends: the tests of a suite share it, as hosts do.
        static let forStreams = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .forStreams)
    }

    extension AsyncHTTPClientTransport {
        static let forStreams = AsyncHTTPClientTransport(
            client: .forStreams, configuration: .init(pooledExchangesPerOrigin: 1024))
    }

    extension TransportTests {
        @Suite("AsyncHTTPClient: compliance")
        struct ComplianceTests {
            @Test(arguments: TransportCompliance.checks)
            func complies(check: TransportCompliance.Check) async throws {
                try await check.run(
                    on: AsyncHTTPClientTransport.forStreams, expecting: .init(maxRedirects: 10))
            }
        }
    }
#endif
