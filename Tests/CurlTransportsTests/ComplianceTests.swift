#if Curl
    import AgentKitTesting
    import CurlTransports
    import StreamTransport
    import Testing

    /// One transport for all checks, as a program would have it.
    private let transport = CurlTransport(configuration: .init(proxy: .none))

    private let tls = Result { try LoopbackTLS() }
    private let secureTransport = CurlTransport(
        configuration: .init(
            proxy: .none, trust: .authorities(pem: (try? tls.get().authority) ?? "")))

    private let expectations = TransportCompliance.Expectations(noticesCuts: false, maxRedirects: 10)

    @Suite("curl complies", .serialized)
    struct ComplianceTests {
        @Test(arguments: TransportCompliance.checks)
        func complies(check: TransportCompliance.Check) async throws {
            try await check.run(on: transport, expecting: expectations)
        }

        @Test(arguments: TransportCompliance.checks + TransportCompliance.tlsChecks)
        func compliesOverTLS(check: TransportCompliance.Check) async throws {
            try await check.run(on: secureTransport, expecting: expectations, over: try tls.get())
        }
    }
#endif
