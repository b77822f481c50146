import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

@Suite struct SeamTests {
    private let full = Seam(
        origin: Sample.origin, attempt: 2, strategy: .restart, provider: "p", model: "m",
        cutOffset: Offset(era: 1, index: 33), droppedBlocks: [4, 5], continuedBlock: 3,
        superseded: Seam.Superseded(runID: "run", blocks: [4, 5]), cause: .transport, delay: .milliseconds(1500),
        timestamp: Timestamp(millisecondsSince1970: 1_767_225_600_123))

    @Test func theFormIsStable() throws {
        #expect(
            full.jsonString
                == #"{"projectId":"project","agentId":"agent","runId":"run","type":"seam","attempt":2,"strategy":"restart","provider":"p","model":"m","cutOffset":"000100000000011","droppedBlocks":[4,5],"continuedBlock":3,"superseded":{"run":"run","blocks":[4,5]},"cause":"transport","delay":1500,"timestamp":1767225600123}"#
        )
        let least = Seam(origin: Sample.origin, attempt: 1, strategy: .retry, provider: "p", model: "m", cause: .server)
        #expect(
            least.jsonString
                == #"{"projectId":"project","agentId":"agent","runId":"run","type":"seam","attempt":1,"strategy":"retry","provider":"p","model":"m","droppedBlocks":[],"cause":"server"}"#
        )
        for seam in [full, least] {
            #expect(try Seam(json: Array(seam.jsonString.utf8)) == seam)
            #expect(seam.event.type == .seam && seam.event.visibility == .public && seam.event.source == "agent")
            #expect(seam.event.payload == Array(seam.jsonString.utf8))
        }
    }

    @Test func unknownFieldsArePassedOver() throws {
        let text = full.jsonString.dropLast() + #","later":{"x":[1]}}"#
        #expect(try Seam(json: Array(text.utf8)) == full)
    }

    @Test(arguments: [
        ("", ""), ("{}", "type"), (#"{"type":"content"}"#, "type"), ("[1]", "type"), (#"{"type":"seam"}"#, "projectId"),
    ])
    func whatIsNoSeamIsRefused(text: String, field: String) {
        let error = #expect(throws: EventFormatError.self) { try Seam(json: Array(text.utf8)) }
        #expect(error?.field == field && error?.description.isEmpty == false)
    }

    @Test func everyFieldIsChecked() throws {
        guard case .object(let object) = try JSONValue(parsing: full.jsonString) else { return }
        for key in object.keys {
            var wrong = object
            wrong[key] = .object([:])
            #expect(throws: EventFormatError.self) { try Seam(json: Array(wrong.jsonString.utf8)) }
        }
        var long = object
        long["droppedBlocks"] = .array([JSONValue](repeating: 1, count: 70_000))
        #expect(throws: EventFormatError.self) { try Seam(json: Array(long.jsonString.utf8)) }
        long["droppedBlocks"] = .array([.string("1")])
        #expect(throws: EventFormatError.self) { try Seam(json: Array(long.jsonString.utf8)) }
    }

    @Test func aRecoverySaysItsSeam() throws {
        var random = SeededRandom(seed: 1)
        let situation = Sample.situation(.truncated, emitted: [Sample.text(2, "Hi", open: true)], [.prefill])
        let recovery = try #require(RecoveryManager().decide(situation, using: &random).recovery)
        let seam = recovery.seam(
            of: Sample.origin, after: Offset(index: 9), at: Timestamp(millisecondsSince1970: 5))
        #expect(seam.strategy == .prefill && seam.continuedBlock == 2 && seam.droppedBlocks.isEmpty)
        #expect(seam.superseded == nil && seam.cause == .truncated && seam.delay == recovery.delay)
        let record = recovery.record(runID: "run", outcome: .progressed)
        #expect(record.strategy == "prefill" && record.attempt == 1 && record.outcome == .progressed)
    }
}
