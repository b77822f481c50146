#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClientTransports
    import Foundation
    import Testing

    /// `LOCAL_MODEL_URL` names the root of a real model's server.
    private let url = ProcessInfo.processInfo.environment["LOCAL_MODEL_URL"]
    private let model = ProcessInfo.processInfo.environment["LOCAL_MODEL_NAME"] ?? "smollm2-135m-instruct"

    extension TransportTests {
        @Suite("AsyncHTTPClient against a real model", .enabled(if: url != nil, "LOCAL_MODEL_URL is not set"))
        struct LocalModelTests {
            @Test("50 streams at a time, cancelled at random, leave nothing behind", arguments: [1, 2] as [UInt64])
            func manyStreams(seed: UInt64) async throws {
                let summary = try await LocalModelCheck.run(
                    on: AsyncHTTPClientTransport.forStreams, url: try #require(url), model: model, seed: seed)
                #expect(summary.finished > 0)
                #expect(summary.cancelled > 0)
            }
        }
    }
#endif
