#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
    import NIOSSL
    import Testing
    import TransportTestSupport

    /// Against a server of another language, Python's `hypercorn`.
    extension TransportTests {
        @Suite(
            "AsyncHTTPClient: HTTP/2",
            .enabled(if: HTTP2Peer.isAvailable, "no Python with the package 'hypercorn', or no OpenSSL 3"))
        struct HTTP2Tests {
            @Test(arguments: HTTP2PeerCheck.all)
            func complies(check: HTTP2PeerCheck) async throws {
                let peer = try HTTP2Peer.shared
                var configuration = HTTPClient.Configuration.forStreams
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(peer.authority.utf8)))
                configuration.tlsConfiguration = tls
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
                let transport = AsyncHTTPClientTransport(
                    client: client, configuration: .init(pooledExchangesPerOrigin: 1024))
                let result: Result<Void, any Error>
                do {
                    result = .success(
                        try await check.run(on: transport, url: peer.url, memory: sanitizerFactor * (64 << 20)))
                } catch {
                    result = .failure(error)
                }
                try await client.shutdown()
                try result.get()
            }
        }
    }
#endif
