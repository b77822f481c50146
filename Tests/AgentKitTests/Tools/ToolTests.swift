import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct ToolTests {
    struct Trip: Codable, Sendable {
        var stops: [Place]
        var days: Int
        var note: String?
    }

    private static let context = ToolContext(callID: "c", runID: "r")
    private static let trip = Tool("trip", description: "", inputSchema: ["type": "object"]) {
        (trip: Trip, _: ToolContext) in trip
    }

    @Test func passesTypedInputAndOutput() async throws {
        let output = try await Self.trip(["days": 2, "stops": [["city": "Oslo"]]], context: Self.context)
        #expect(output == ["stops": [["city": "Oslo"]], "days": 2])
    }

    @Test(arguments: [
        (#"{"days": 2, "stops": [{"city": "Oslo"}, {"city": 7}]}"#, "stops[1].city", "String is expected"),
        (#"{"stops": []}"#, "days", "it is missing"),
        (#"{"days": "two", "stops": []}"#, "days", "Int is expected"),
        (#"{"days": null, "stops": []}"#, "days", "not null"),
        ("[]", "", "is expected"),
        (#""text""#, "", "is expected"),
    ])
    func saysWhatDoesNotFitWhere(json: String, path: String, reason: String) async throws {
        let input = try JSONValue(parsing: json)
        do {
            _ = try await Self.trip(input, context: Self.context)
            Issue.record("the input does not fit")
        } catch let error as InvalidToolInput {
            #expect(error.path == path)
            #expect(error.reason.contains(reason), "\(error.reason)")
        }
    }

    @Test func passesTextAndJSONAsTheyAre() async throws {
        let text = Tool("t", description: "", inputSchema: [:]) { (input: JSONValue, _: ToolContext) in input.jsonString
        }
        let json = Tool("j", description: "", inputSchema: [:]) { (input: JSONValue, _: ToolContext) in input }
        let number = Tool("n", description: "", inputSchema: [:]) { (_: JSONValue, _: ToolContext) in 4.5 }
        #expect(try await text([1, 2], context: Self.context) == "[1,2]")
        #expect(try await json([1, 2], context: Self.context) == [1, 2])
        #expect(try await number(.null, context: Self.context) == 4.5)
    }

    @Test func idempotencyKeysAreStableAndSafe() {
        #expect(ToolContext(callID: "call_1", runID: "run-a").idempotencyKey == "run-a.call_1")
        let hostile = ToolContext(callID: "a\r\nX: b.c", runID: "r").idempotencyKey
        #expect(hostile == "r.a%0D%0AX%3A%20b%2Ec")
        #expect(
            ToolContext(callID: "b.c", runID: "a").idempotencyKey
                != ToolContext(callID: "c", runID: "a.b").idempotencyKey)
    }
}
