#if Curl
    import AgentKitTesting
    import CurlTransports
    import Testing
    import TransportTestSupport

    /// Against a server of another language, Python's `hypercorn`.
    extension TransportTests {
        @Suite(
            "curl: HTTP/2",
            .enabled(if: HTTP2Peer.isAvailable, "no Python with the package 'hypercorn', or no OpenSSL 3"))
        struct HTTP2Tests {
            @Test(arguments: HTTP2PeerCheck.all)
            func complies(check: HTTP2PeerCheck) async throws {
                let peer = try HTTP2Peer.shared
                let transport = CurlTransport(
                    configuration: .init(proxy: .none, trust: .authorities(pem: peer.authority)))
                try await check.run(on: transport, url: peer.url, memory: sanitizerFactor * (64 << 20))
                await transport.shutDown()
            }
        }
    }
#endif
