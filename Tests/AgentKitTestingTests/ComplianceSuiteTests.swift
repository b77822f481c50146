import AgentKitTesting
import StreamTransport
import Testing
import WireProtocols

@Suite("Transport compliance: the suite itself")
struct ComplianceSuiteTests {
    @Test("Checks have different names")
    func names() {
        #expect(Set(TransportCompliance.checks.map(\.name)).count == TransportCompliance.checks.count)
        #expect(TransportCompliance.checks.count > 40)
    }

    @Test("A transport that answers everything alike fails nearly every check")
    func replay() async throws {
        let transport = ReplayTransport { _, _ in ReplayResponse(body: [1]) }
        let harmless = TransportCompliance.Expectations(patience: .milliseconds(100))
        let report = await #expect(throws: ComplianceReport.self) {
            try await TransportCompliance.run(on: transport, expecting: harmless)
        }
        let found = Set(report?.violations.map(\.check) ?? [])
        // It keeps these promises, having no connection at all.
        let kept = Set(TransportCompliance.checks.map(\.name)).subtracting(found)
        let trivial: Set = [
            "a body has one reader", "connections are used again",
            "the connect timeout spares a connection that stands",
        ]
        #expect(kept.isSubset(of: trivial))
        #expect(report?.description.contains("\(found.count) violations") == true)
    }

    @Test("A transport that hangs is reported and not waited for")
    func hanging() async throws {
        let transport = ReplayTransport { _, _ in .silence }
        for check in TransportCompliance.checks.prefix(3) {
            let violation = await #expect(throws: ComplianceViolation.self) {
                try await check.run(
                    on: transport, expecting: TransportCompliance.Expectations(patience: .milliseconds(100)))
            }
            #expect(violation?.message.contains("hangs") == true)
        }
    }

    @Test("What the process holds can be told")
    func figures() {
        #expect(ProcessFigures.openDescriptors >= 3)
        #expect(ProcessFigures.openSockets >= 0)
        #if os(Linux)
            #expect((ProcessFigures.threads ?? 0) > 0)
            #expect((ProcessFigures.residentBytes ?? 0) > 1 << 20)
        #endif
    }
}
