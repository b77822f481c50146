import Foundation
import StreamCore
import Testing

@Suite struct AgentChunkTests {
    static let examples: [(AgentChunk, String)] = [
        (
            AgentChunk(
                .content("Hi \"you\"\n"), block: 0, confidence: Confidence(0.8, source: .lexical),
                attachedReasoning: "greet", timestamp: Timestamp(millisecondsSince1970: 1_700_000_000_123)),
            #"{"type":"content","block":0,"content":"Hi \"you\"\n","reasoning":"greet","confidence":0.8,"#
                + #""confidenceSource":"lexical","timestamp":1700000000123}"#
        ),
        (AgentChunk(.reasoning("Hm 🙂"), block: 3), #"{"type":"reasoning","block":3,"reasoning":"Hm 🙂"}"#),
        (
            AgentChunk(.toolInput(ToolInputDelta(callID: "c", toolName: "add", delta: "{\"a\"")), block: 1),
            #"{"type":"tool-input","block":1,"toolCallId":"c","toolName":"add","inputDelta":"{\"a\""}"#
        ),
        (
            AgentChunk(.toolCall(ToolCall(id: "c", name: "add", input: ["b": 2, "a": [1, .null]])), block: 1),
            #"{"type":"tool-call","block":1,"toolCallId":"c","toolName":"add","input":{"b":2,"a":[1,null]}}"#
        ),
        (
            AgentChunk(.toolCall(ToolCall(id: "c", name: "search", input: [:], isProviderExecuted: true))),
            #"{"type":"tool-call","toolCallId":"c","toolName":"search","input":{},"providerExecuted":true}"#
        ),
        (
            AgentChunk(.toolResult(ToolResult(callID: "c", toolName: "add", output: 3)), block: 1),
            #"{"type":"tool-result","block":1,"toolCallId":"c","toolName":"add","output":3}"#
        ),
        (
            AgentChunk(.toolResult(ToolResult(callID: "c", toolName: "add", output: "no", isError: true)), block: 1),
            #"{"type":"tool-result","block":1,"toolCallId":"c","toolName":"add","output":"no","isError":true}"#
        ),
        (
            AgentChunk(.citation(Citation(url: "https://swift.org", title: "Swift", citedText: nil)), block: 0),
            #"{"type":"citation","block":0,"citation":{"url":"https://swift.org","title":"Swift"}}"#
        ),
        (
            AgentChunk(.usage(Usage(input: 5, cached: 1, cacheWritten: 0, output: 7, reasoning: 2))),
            #"{"type":"usage","usage":{"input":5,"cached":1,"cacheWritten":0,"output":7,"reasoning":2}}"#
        ),
        (AgentChunk(.finish(.toolCalls)), #"{"type":"finish","finish":"tool-calls"}"#),
        (
            AgentChunk(.error(Failure(kind: .truncated, retryable: true, message: "cut"))),
            #"{"type":"error","error":{"kind":"truncated","retryable":true,"message":"cut"}}"#
        ),
    ]

    @Test(arguments: examples)
    func theJSONFormIsStable(_ chunk: AgentChunk, _ json: String) throws {
        #expect(chunk.jsonString == json)
    }

    @Test(arguments: examples)
    func codableAndTheWriterAgree(_ chunk: AgentChunk, _ json: String) throws {
        #expect(try JSONDecoder().decode(AgentChunk.self, from: Data(json.utf8)) == chunk)
        let encoded = try JSONEncoder().encode(chunk)
        let fromCodable = try JSONDecoder().decode(JSONValue.self, from: encoded)
        #expect(fromCodable == (try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))))
    }

    @Test func contentJoinsToTheAnswerAndReasoningToTheThought() {
        let chunks = Self.examples.map(\.0)
        #expect(chunks.map(\.content).joined() == "Hi \"you\"\n")
        #expect(chunks.compactMap(\.reasoning).joined() == "greetHm 🙂")
    }

    @Test func anEventCarriesItsOrigin() throws {
        let chunk = AgentChunk(.content("x"), block: 0)
        let event = StreamEvent(chunk, from: ChunkOrigin(projectID: "p", agentID: "a", runID: "r\n"))
        #expect(event.type == .content)
        #expect(event.visibility == .public)
        #expect(
            String(decoding: event.payload, as: UTF8.self)
                == #"{"projectId":"p","agentId":"a","runId":"r\n","type":"content","block":0,"content":"x"}"#)
        #expect(!event.payload.contains(UInt8(ascii: "\n")))
    }

    @Test func aChunkOfUnknownTypeIsRefused() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AgentChunk.self, from: Data(#"{"type":"new"}"#.utf8))
        }
    }
}
