import AgentKitTesting
import Foundation
import StreamTransport
import Testing
import TransportTestSupport
import URLSessionTransports

/// One transport for all checks, as a program would have it.
private let transport = URLSessionTransport()

private let expectations: TransportCompliance.Expectations = {
    var expectations = TransportCompliance.Expectations(
        slowReader: .bufferLimit(memory: sanitizerFactor * (128 << 20)), maxRedirects: 10)
    #if canImport(Darwin)
        expectations.tellsConnecting = false
    #else
        expectations.survivesCutHead = false
        expectations.noticesCuts = false
    #endif
    return expectations
}()

/// A certificate, where the environment names a file that this process may write and libcurl takes its authorities from.
///
/// FoundationNetworking cannot be told of an authority on Linux. Where mounting is allowed, a namespace does it:
///
///     unshare -m sh -c 'mount --bind ca.pem /etc/ssl/certs/ca-certificates.crt; TRUSTED_AUTHORITIES=$PWD/ca.pem swift test'
private let tls: LoopbackTLS? = {
    guard let path = ProcessInfo.processInfo.environment["TRUSTED_AUTHORITIES"], let tls = try? LoopbackTLS(),
        (try? Data(tls.authority.utf8).write(to: URL(fileURLWithPath: path))) != nil
    else { return nil }
    return tls
}()

extension TransportTests {
    @Suite("URLSession complies")
    struct ComplianceTests {
        @Test(arguments: TransportCompliance.checks)
        func complies(check: TransportCompliance.Check) async throws {
            try await check.run(on: transport, expecting: expectations)
        }

        @Test(
            .enabled(if: tls != nil, "TRUSTED_AUTHORITIES is not set"),
            arguments: TransportCompliance.checks + TransportCompliance.tlsChecks)
        func compliesOverTLS(check: TransportCompliance.Check) async throws {
            try await check.run(on: transport, expecting: expectations, over: tls)
        }
    }
}
