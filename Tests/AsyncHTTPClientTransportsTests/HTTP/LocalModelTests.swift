#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
    import NIOCore
    import Testing
    import TransportTestSupport

    extension TransportTests {
        @Suite(
            "AsyncHTTPClient against a real model",
            .enabled(if: LocalModelServer.url != nil, "LOCAL_MODEL_URL is not set"))
        struct LocalModelTests {
            @Test("50 streams at a time, cancelled at random, leave nothing behind", arguments: [1, 2] as [UInt64])
            func manyStreams(seed: UInt64) async throws {
                let url = try #require(LocalModelServer.url)
                var configuration = HTTPClient.Configuration.forStreams
                // The server ends connections after 5 seconds without a request, those of cancelled requests among them.
                configuration.connectionPool.idleTimeout = .seconds(1)
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
                let transport = AsyncHTTPClientTransport(
                    client: client, configuration: .init(pooledExchangesPerOrigin: 1024))
                let result: Result<LocalModelCheck.Summary, any Error>
                do {
                    result = .success(
                        try await LocalModelCheck.run(on: transport, url: url, model: LocalModelServer.name, seed: seed)
                    )
                } catch {
                    result = .failure(error)
                }
                try await client.shutdown()
                let summary = try result.get()
                #expect(summary.finished > 0)
                #expect(summary.cancelled > 0)
            }
        }
    }
#endif
