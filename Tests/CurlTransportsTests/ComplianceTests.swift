#if Curl
    import AgentKitTesting
    import CurlTransports
    import StreamTransport
    import Testing
    import TransportTestSupport

    /// One transport for all checks, as a program would have it.
    private let transport = CurlTransport(configuration: .init(proxy: .none))

    private let tls = Result { try LoopbackTLS() }
    private let secureTransport = CurlTransport(
        configuration: .init(
            proxy: .none, trust: .authorities(pem: (try? tls.get().authority) ?? "")))

    private let expectations = TransportCompliance.Expectations(
        slowReader: .backpressure(memory: sanitizerFactor * (64 << 20)), noticesCuts: false, maxRedirects: 10)

    extension TransportTests {
        @Suite("curl complies")
        struct ComplianceTests {
            @Test(arguments: TransportCompliance.checks)
            func complies(check: TransportCompliance.Check) async throws {
                try await check.run(on: transport, expecting: expectations)
            }

            @Test(
                .enabled(if: LoopbackTLS.isAvailable, "no OpenSSL 3"),
                arguments: TransportCompliance.checks + TransportCompliance.tlsChecks)
            func compliesOverTLS(check: TransportCompliance.Check) async throws {
                try await check.run(on: secureTransport, expecting: expectations, over: try tls.get())
            }
        }
    }
#endif
