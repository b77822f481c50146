import AgentKitTesting
import Foundation
import StreamTransport
import Testing
import URLSessionTransports

/// One transport for all checks, as a program would have it.
private let transport = URLSessionTransport()

/// The documented bound, and eight times as much under a sanitizer, which keeps shadows of all memory.
private let memory = (ProcessInfo.processInfo.environment["SANITIZER"] == nil ? 1 : 8) * (128 << 20)

@Suite("URLSession complies", .serialized)
struct ComplianceTests {
    @Test(arguments: TransportCompliance.checks)
    func complies(check: TransportCompliance.Check) async throws {
        var expectations = TransportCompliance.Expectations(slowReader: .bufferLimit(memory: memory), maxRedirects: 10)
        #if canImport(Darwin)
            expectations.tellsConnecting = false
        #else
            expectations.survivesCutHead = false
        #endif
        try await check.run(on: transport, expecting: expectations)
    }
}
