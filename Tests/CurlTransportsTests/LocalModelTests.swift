#if Curl
    import AgentKitTesting
    import CurlTransports
    import Foundation
    import Testing

    /// `LOCAL_MODEL_URL` names the root of a real model's server.
    private let url = ProcessInfo.processInfo.environment["LOCAL_MODEL_URL"]
    private let model = ProcessInfo.processInfo.environment["LOCAL_MODEL_NAME"] ?? "smollm2-135m-instruct"

    extension TransportTests {
        @Suite("curl against a real model", .enabled(if: url != nil, "LOCAL_MODEL_URL is not set"))
        struct LocalModelTests {
            @Test("50 streams at a time, cancelled at random, leave nothing behind")
            func manyStreams() async throws {
                let transport = CurlTransport(configuration: .init(proxy: .none))
                let summary = try await LocalModelCheck.run(on: transport, url: try #require(url), model: model)
                #expect(summary.finished > 0)
                #expect(summary.cancelled > 0)
                await transport.shutDown()
            }
        }
    }
#endif
