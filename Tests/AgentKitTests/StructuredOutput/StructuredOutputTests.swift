import AgentKitTesting
import StreamCore
import Testing

@testable import AgentKit

@Suite struct StructuredOutputTests {
    struct Trip: Codable, Sendable, Equatable {
        var title: String
        var days: Int
        var stops: [Place]

        static func == (lhs: Trip, rhs: Trip) -> Bool {
            lhs.title == rhs.title && lhs.days == rhs.days && lhs.stops.map(\.city) == rhs.stops.map(\.city)
        }
    }

    private static let json =
        #"{"title": "North \"by\" north \u00e9😀", "days": 12, "stops": [{"city": "Oslo"}, {"city": "Bodø"}]}"#
    private static let trip = Trip(
        title: "North \"by\" north é😀", days: 12, stops: [Place(city: "Oslo"), Place(city: "Bodø")])
    private static let schema: JSONValue = ["type": "object"]

    private static func model(_ text: String, seed: UInt64, finish: FinishReason? = nil) -> ScriptedModel {
        var random = SeededRandom(seed: seed)
        var steps: [ScriptedGeneration.Step] = []
        var rest = text[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...9, using: &random)
            steps.append(.event(.content(block: 0, text: String(rest.prefix(count)))))
            rest = rest.dropFirst(count)
        }
        return ScriptedModel(ScriptedGeneration(steps, finish: finish))
    }

    private static func read(_ model: ScriptedModel) async throws -> (partials: [JSONValue], trip: Trip?) {
        var partials: [JSONValue] = []
        var trip: Trip?
        for try await output in StreamingAgent(model: model).generate(Trip.self, schema: schema, from: "?") {
            switch output {
            case .partial(let json): partials.append(json)
            case .complete(let value, _): trip = value
            }
        }
        return (partials, trip)
    }

    /// Whether `value` may become `other` by more text.
    private static func isPrefix(_ value: JSONValue, of other: JSONValue) -> Bool {
        switch (value, other) {
        case (.string(let short), .string(let long)): return long.unicodeScalars.starts(with: short.unicodeScalars)
        case (.array(let short), .array(let long)):
            return short.count <= long.count && zip(short, long).allSatisfy(isPrefix)
        case (.object(let short), .object(let long)):
            return short.allSatisfy { key, value in long[key].map { isPrefix(value, of: $0) } ?? false }
        default: return value == other
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func snapshotsGrowIntoTheValue(seed: UInt64) async throws {
        let (partials, trip) = try await Self.read(Self.model(Self.json, seed: seed))
        #expect(trip == Self.trip)
        let whole = try JSONValue(parsing: Self.json)
        #expect(partials.count > 3)
        #expect(partials.last == whole)
        for (one, next) in zip(partials, partials.dropFirst()) { #expect(Self.isPrefix(one, of: next)) }
        #expect(partials.allSatisfy { Self.isPrefix($0, of: whole) })
    }

    @Test(arguments: [
        "```json\n\(json)\n```", "```\n\(json)```\n", "  \n\(json)  \n",
        "Here you {are}:\n\n```json\n\(json)\n```\nEnjoy [it]!",
    ])
    func seesThroughWhatStandsAround(text: String) async throws {
        for seed in 0..<5 as Range<UInt64> {
            #expect(try await Self.read(Self.model(text, seed: seed)).trip == Self.trip)
        }
    }

    @Test func asksForTheStructure() async throws {
        let model = ScriptedModel(.text(Self.json))
        let agent = StreamingAgent(model: model)
        let trip = try await agent.respond(to: "?", as: Trip.self, schema: Self.schema, name: "trip")
        #expect(trip == Self.trip)
        #expect(model.requests.first?.responseSchema == ResponseSchema(name: "trip", schema: Self.schema))
    }

    @Test(arguments: [
        (#"{"title": "x", "days": "twelve", "stops": []}"#, "days", "Int is expected"),
        (#"{"title": "x", "days": 1, "stops": [{}]}"#, "stops[0].city", "missing"),
        (#"{"title": "x", "#, "", "not JSON"), ("I would rather not.", "", "not JSON"), ("", "", "not JSON"),
        (#"{"title": x}"#, "", "not JSON"),
    ])
    func saysWhatDoesNotFit(text: String, path: String, reason: String) async throws {
        do throws(AgentError) {
            _ = try await StreamingAgent(model: Self.model(text, seed: 1))
                .respond(to: "?", as: Trip.self, schema: Self.schema)
            Issue.record("the answer does not fit")
        } catch {
            #expect(error.kind == .invalidOutput)
            let below = try #require(error.underlying as? InvalidOutput)
            #expect(below.path == path)
            #expect(below.reason.contains(reason), "\(below.reason)")
            #expect(below.text == text)
        }
    }

    @Test func saysThatTheTokenLimitCutTheAnswer() async throws {
        let model = Self.model(#"{"title": "x", "days"#, seed: 1, finish: .length)
        do throws(AgentError) {
            _ = try await StreamingAgent(model: model).respond(to: "?", as: Trip.self, schema: Self.schema)
            Issue.record("the answer is cut")
        } catch {
            #expect(error.message.contains("token limit"))
        }
    }

    @Test func whatCameBeforeToolsIsNotTheAnswer() async throws {
        let model = ScriptedModel(
            ScriptedGeneration([.text("{\"note\": \n"), .toolCall("weather", ["city": "Oslo"])]), .text(Self.json))
        let agent = StreamingAgent(model: model, tools: [weather])
        #expect(try await agent.respond(to: "?", as: Trip.self, schema: Self.schema) == Self.trip)
    }

    @Test func readsValuesThatAreNeitherArrayNorObject() async throws {
        for text in ["42", "```json\n42\n```", " 42\n"] {
            let agent = StreamingAgent(model: Self.model(text, seed: 1))
            #expect(try await agent.respond(to: "?", as: Int.self, schema: ["type": "integer"]) == 42)
        }
    }

    @Test func anInterruptReachesIt() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text(#"{"title": "No"#), .hang]))
        let agent = StreamingAgent(model: model)
        var partials = 0
        for try await output in agent.generate(Trip.self, schema: Self.schema, from: "?") {
            guard case .partial = output else {
                Issue.record("there is no value")
                return
            }
            partials += 1
            agent.interrupt()
        }
        #expect(partials > 0)
    }

    @Test func theExtractorIsTheSameForEveryCutting() {
        let text = "Remark {x}\n  [{\"a\": \"]}\\\"\"}, 2]\n{\"later\": 1}"
        for size in 1...text.count {
            var extractor = JSONExtractor()
            var found = ""
            var rest = text[...]
            while !rest.isEmpty {
                found += extractor.append(String(rest.prefix(size))) ?? ""
                rest = rest.dropFirst(size)
            }
            #expect(found == "[{\"a\": \"]}\\\"\"}, 2]")
            #expect(extractor.isComplete)
        }
    }
}
