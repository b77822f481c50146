import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import Testing

@Suite("Progress records")
struct AgentProgressTests {
    @Test("The JSON form is as documented")
    func golden() throws {
        let record = AgentProgress(
            origin: writer, attempt: 2, status: .running, percentage: 42.5, currentStep: 2, totalSteps: 5,
            stepName: "Outline", content: "It \"rains\".", reasoning: "Oslo, then.",
            confidence: Confidence(0.8, source: .lexical),
            estimatedTimeRemaining: TimeEstimate(.seconds(12), low: .milliseconds(8500), high: .seconds(20)),
            tokensUsed: 1234, cost: 0.0123, weight: 2, lastUpdated: at(1_767_225_600_000))
        #expect(
            record.jsonString == #"""
                {"projectId":"p","agentId":"writer","runId":"run-1","type":"progress","attempt":2,"status":"running",\#
                "progress":42.5,"percentage":42.5,"currentStep":2,"totalSteps":5,"stepName":"Outline",\#
                "content":"It \"rains\".","reasoning":"Oslo, then.","confidence":0.8,"confidenceSource":"lexical",\#
                "estimatedTimeRemaining":12000,"estimatedTimeRange":{"low":8500,"high":20000},"tokensUsed":1234,\#
                "cost":0.0123,"weight":2.0,"lastUpdated":1767225600000}
                """#)
        let least = AgentProgress(origin: writer, lastUpdated: at(1))
        #expect(
            least.jsonString == #"""
                {"projectId":"p","agentId":"writer","runId":"run-1","type":"progress","attempt":1,"status":"queued",\#
                "progress":0.0,"percentage":0.0,"currentStep":0,"tokensUsed":0,"lastUpdated":1}
                """#)
        let event = StreamEvent(record)
        #expect(event.type == .progress && event.source == "writer" && event.visibility == .public)
        #expect(try AgentProgress(json: event.payload) == record)
        #expect(EventFilter.progress(of: ["writer"]).includes(event))
        #expect(!EventFilter.progress(of: ["other"]).includes(event))
    }

    @Test("What was written reads back the same", arguments: 0..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let agent = random.oddText()
        let record = random.progress(of: agent, at: 7)
        let bytes = Array(record.jsonString.utf8)
        #expect(!bytes.contains(UInt8(ascii: "\n")))
        #expect(try AgentProgress(json: bytes) == record)
    }

    @Test("Fields that are not known are ignored, null is absent, and the old name of the percentage does")
    func lenient() throws {
        let json = #"""
            {"agentId":"a","status":"resting","progress":7,"lastUpdated":3,"cost":1e-3,"totalSteps":null,"new":{"a":[1]},
            "estimatedTimeRemaining":1500.4,"confidence":0.5,"attempt":0,"tokensUsed":-4}
            """#
        let record = try AgentProgress(json: Array(json.utf8))
        #expect(record.percentage == 7 && record.status == ProgressStatus(rawValue: "resting"))
        #expect(record.cost == Cost(nanos: 1_000_000) && record.totalSteps == nil)
        #expect(
            record.estimatedTimeRemaining
                == TimeEstimate(.milliseconds(1500), low: .milliseconds(1500), high: .milliseconds(1500)))
        // A confidence without a source is no confidence.
        #expect(record.confidence == nil && record.attempt == 1 && record.tokensUsed == 0)
        #expect(record.runID.isEmpty && record.projectID.isEmpty)
    }

    @Test(
        "A bad record is an error that names the field",
        arguments: [
            ("[]", "object"), ("{", "JSON"), (#"{"status":"s","percentage":1,"lastUpdated":1}"#, "agentId"),
            (#"{"agentId":"a","percentage":1,"lastUpdated":1}"#, "status"),
            (#"{"agentId":"a","status":"s","lastUpdated":1}"#, "percentage"),
            (#"{"agentId":"a","status":"s","percentage":1}"#, "lastUpdated"),
            (#"{"agentId":"a","status":"s","percentage":"1","lastUpdated":1}"#, "percentage"),
            (#"{"agentId":"a","status":"s","percentage":1,"lastUpdated":1.5}"#, "lastUpdated"),
            (#"{"agentId":"a","status":"s","percentage":1,"lastUpdated":1,"cost":-1}"#, "cost"),
            (#"{"agentId":"a","status":"s","percentage":1,"lastUpdated":1,"content":5}"#, "content"),
            (#"{"agentId":7,"status":"s","percentage":1,"lastUpdated":1}"#, "agentId"),
            (#"{"agentId":"a","status":"s","percentage":1,"lastUpdated":1,"tokensUsed":1e300}"#, "tokensUsed"),
        ])
    func bad(json: String, field: String) throws {
        let error = #expect(throws: ProgressError.self) { try AgentProgress(json: Array(json.utf8)) }
        #expect(error?.code == .invalidRecord)
        #expect(error?.message.contains(field) == true, "\(String(describing: error))")
    }

    @Test("More than 64 KiB, or an endless name, is no record")
    func tooLarge() {
        func json(_ agent: String, _ content: String) -> [UInt8] {
            Array(
                #"{"agentId":"\#(agent)","status":"s","percentage":1,"lastUpdated":1,"content":"\#(content)"}"#.utf8)
        }
        let long = String(repeating: "x", count: 70_000)
        #expect(throws: ProgressError.self) { try AgentProgress(json: json("a", long)) }
        #expect(throws: ProgressError.self) { try AgentProgress(json: json(String(long.prefix(2000)), "")) }
        #expect(throws: Never.self) { try AgentProgress(json: json("a", String(long.prefix(60_000)))) }
    }

    @Test("Numbers are brought into their ranges")
    func ranges() {
        let record = AgentProgress(
            origin: writer, attempt: -1, percentage: .nan, currentStep: -2, totalSteps: -3, tokensUsed: -1,
            weight: -.infinity, lastUpdated: at(0))
        #expect(record.attempt == 1 && record.percentage == 0 && record.currentStep == 0)
        #expect(record.totalSteps == 0 && record.tokensUsed == 0 && record.weight == 0)
        #expect(AgentProgress(origin: writer, percentage: 1e9, lastUpdated: at(0)).percentage == 100)
        #expect(TimeEstimate(.seconds(-1), low: .seconds(5), high: .seconds(-9)) == .zero)
        let estimate = TimeEstimate(.seconds(5), low: .seconds(7), high: .seconds(3))
        #expect(estimate.low == .seconds(5) && estimate.high == .seconds(5))
        #expect(TimeEstimate(.seconds(Int64.max), low: .zero, high: .zero).expected == TimeEstimate.longest)
    }

    @Test("Texts are cut to their end, at a character", arguments: ["a", "é", "漢", "🙂", "👩‍👩‍👧", "🇳🇴"])
    func cut(character: String) throws {
        let text = "x" + String(repeating: character, count: 5000)
        let content = try #require(AgentProgress(origin: writer, content: text, lastUpdated: at(0)).content)
        #expect(content.utf8.count <= AgentProgress.maxTextBytes)
        #expect(content.utf8.count > AgentProgress.maxTextBytes - character.utf8.count)
        #expect(text.hasSuffix(content))
        #expect(content.allSatisfy { String($0) == character })
        let name = try #require(AgentProgress(origin: writer, stepName: text, lastUpdated: at(0)).stepName)
        #expect(name.utf8.count <= AgentProgress.maxNameBytes && text.hasPrefix(name))
        #expect(name.dropFirst().allSatisfy { String($0) == character })
    }

    @Test("A text that is one enormous character is cut between scalars")
    func accents() throws {
        let text = "e" + String(repeating: "\u{301}", count: 100_000)
        let content = try #require(AgentProgress(origin: writer, content: text, lastUpdated: at(0)).content)
        #expect(content.utf8.count == AgentProgress.maxTextBytes)
        #expect(content.unicodeScalars.allSatisfy { $0 == "\u{301}" })
    }
}
