#if Curl
    import AgentKitTesting
    import CurlTransports
    import Testing
    import TransportTestSupport

    extension TransportTests {
        @Suite("curl against a real model", .enabled(if: LocalModelServer.url != nil, "LOCAL_MODEL_URL is not set"))
        struct LocalModelTests {
            @Test("50 streams at a time, cancelled at random, leave nothing behind")
            func manyStreams() async throws {
                let transport = CurlTransport(configuration: .init(proxy: .none))
                let summary = try await LocalModelCheck.run(
                    on: transport, url: try #require(LocalModelServer.url), model: LocalModelServer.name)
                #expect(summary.finished > 0)
                #expect(summary.cancelled > 0)
                await transport.shutDown()
            }
        }
    }
#endif
