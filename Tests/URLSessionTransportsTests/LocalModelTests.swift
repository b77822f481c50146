import AgentKit
import AgentKitTesting
import StreamCore
import Testing
import TransportTestSupport
import URLSessionTransports

/// The three dialects against a real model's server, llama.cpp's for one; `LOCAL_MODEL_URL` names its root.
///
/// One after the other: behind 50 streams, the others would wait longer than their timeouts.
@Suite(.serialized, .enabled(if: LocalModelServer.url != nil, "LOCAL_MODEL_URL is not set"))
struct LocalModelTests {
    static func model(_ dialect: ModelDialect, streaming: Bool = true) throws -> any StreamingModel {
        let url = try #require(LocalModelServer.url)
        // The root is understood in each of its forms.
        let root = dialect == .openAIChat ? url + "/v1/" : url
        return dialect.model(
            LocalModelServer.name, baseURL: root, transport: URLSessionTransport(), streaming: streaming)
    }

    static func collect(_ model: any StreamingModel, _ request: ModelRequest) async throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        for try await event in model.stream(request) { events.append(event) }
        return events
    }

    static func text(_ events: [ModelEvent]) -> String {
        events.reduce(into: "") { if case .content(_, let text) = $1 { $0 += text } }
    }

    @Test(arguments: ModelDialect.allCases, [true, false])
    func answers(dialect: ModelDialect, streaming: Bool) async throws {
        let request = ModelRequest(
            system: "You are brief.", messages: [.user("Say hello."), .assistant("Hello."), .user("Again, please.")],
            sampling: Sampling(temperature: 0, maxOutputTokens: 24), metadata: ["user_id": "u"])
        let events = try await Self.collect(try Self.model(dialect, streaming: streaming), request)
        #expect(!Self.text(events).isEmpty)
        let usage = events.reversed().lazy.compactMap { if case .usage(let usage) = $0 { usage } else { nil } }.first
        #expect((usage?.input ?? 0) > 10)
        #expect((1...24).contains(usage?.output ?? 0))
        guard case .finish = events.last else {
            Issue.record("no finish: \(events.suffix(2))")
            return
        }
    }

    @Test func chatHasLogprobs() async throws {
        let request = ModelRequest(
            messages: [.user("Say hello.")], sampling: Sampling(maxOutputTokens: 4), wantsLogprobs: true)
        let events = try await Self.collect(try Self.model(.openAIChat), request)
        #expect(events.contains { if case .logprobs(_, let tokens) = $0 { !tokens.isEmpty } else { false } })
    }

    @Test(arguments: ModelDialect.allCases) func schemaIsObeyed(dialect: ModelDialect) async throws {
        // A temperature of 0 and a schema that hardly leaves a choice: the model is small.
        let schema: JSONValue = [
            "type": "object", "properties": ["ok": ["type": "boolean"]], "required": ["ok"],
            "additionalProperties": false,
        ]
        let request = ModelRequest(
            messages: [.user("Is water wet? Answer as JSON.")], sampling: Sampling(temperature: 0, maxOutputTokens: 40),
            responseSchema: ResponseSchema(name: "answer", schema: schema))
        let events = try await Self.collect(try Self.model(dialect), request)
        // Not every server enforces a schema on every wire; the chat's is.
        if dialect == .openAIChat { #expect(try JSONValue(parsing: Self.text(events))["ok"]?.boolValue != nil) }
    }

    @Test func errorsAreClassified() async throws {
        let url = try #require(LocalModelServer.url)
        let wrong = OpenAIChatModel("m", baseURL: url + "/nowhere/v1", transport: URLSessionTransport())
        await #expect { try await Self.collect(wrong, ModelRequest(messages: [.user("Hi")])) } throws: { error in
            (error as? ModelError)?.kind == .notFound
        }
        let long = ModelRequest(messages: [.user(String(repeating: "word ", count: 20_000))])
        for dialect in ModelDialect.allCases {
            await #expect { try await Self.collect(try Self.model(dialect), long) } throws: { error in
                let error = error as? ModelError
                return error?.kind == .contextLength && error?.isRetryable == false
            }
        }
    }

    @Test(arguments: ModelDialect.allCases) func conversationWithToolsIsAccepted(dialect: ModelDialect) async throws {
        let tool = ToolDefinition(
            name: "weather", description: "Tells the weather of a city",
            inputSchema: ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]])
        let request = ModelRequest(
            messages: [
                .user("What is the weather in Oslo?"),
                Message(
                    role: .assistant,
                    parts: [.toolCall(ToolCall(id: "call_1", name: "weather", input: ["city": "Oslo"]))]),
                Message(
                    role: .tool, parts: [.toolResult(ToolResult(callID: "call_1", toolName: "weather", output: "3 °C"))]
                ),
            ], tools: [tool], sampling: Sampling(temperature: 0, maxOutputTokens: 60))
        let model = try Self.model(dialect)
        do throws(ModelError) {
            #expect(!(try await Self.collect(model, request)).isEmpty)
        } catch {
            // The small model may write a call that is no JSON; the request itself must be understood.
            #expect(error.kind == .invalidOutput, "\(error)")
        }
    }

    @Test("50 streams at a time, cancelled at random, leave nothing behind") func manyStreams() async throws {
        let summary = try await LocalModelCheck.run(
            on: URLSessionTransport(), url: try #require(LocalModelServer.url), model: LocalModelServer.name)
        #expect(summary.finished > 0)
        #expect(summary.cancelled > 0)
    }
}
