import AgentKitTesting
import StreamTransport
import Testing
import URLSessionTransports

/// One transport for all checks, as a program would have it.
private let transport = URLSessionTransport()

@Suite("URLSession complies", .serialized)
struct ComplianceTests {
    @Test(arguments: TransportCompliance.checks)
    func complies(check: TransportCompliance.Check) async throws {
        var expectations = TransportCompliance.Expectations(slowReader: .bufferLimit(), maxRedirects: 10)
        #if canImport(Darwin)
            expectations.tellsConnecting = false
        #else
            expectations.survivesCutHead = false
        #endif
        try await check.run(on: transport, expecting: expectations)
    }
}
