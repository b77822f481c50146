#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
    import Foundation
    import NIOCore
    import Testing

    /// `LOCAL_MODEL_URL` names the root of a real model's server.
    private let url = ProcessInfo.processInfo.environment["LOCAL_MODEL_URL"]
    private let model = ProcessInfo.processInfo.environment["LOCAL_MODEL_NAME"] ?? "smollm2-135m-instruct"

    extension TransportTests {
        @Suite("AsyncHTTPClient against a real model", .enabled(if: url != nil, "LOCAL_MODEL_URL is not set"))
        struct LocalModelTests {
            @Test("50 streams at a time, cancelled at random, leave nothing behind", arguments: [1, 2] as [UInt64])
            func manyStreams(seed: UInt64) async throws {
                let url = try #require(url)
                var configuration = HTTPClient.Configuration.forStreams
                // The server ends connections after 5 seconds without a request, those of cancelled requests among them.
                configuration.connectionPool.idleTimeout = .seconds(1)
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
                let transport = AsyncHTTPClientTransport(
                    client: client, configuration: .init(pooledExchangesPerOrigin: 1024))
                let result: Result<LocalModelCheck.Summary, any Error>
                do {
                    result = .success(try await LocalModelCheck.run(on: transport, url: url, model: model, seed: seed))
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
