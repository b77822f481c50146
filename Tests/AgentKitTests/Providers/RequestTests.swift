import AgentKitTesting
import StreamCore
import Testing
import WireProtocols

@testable import AgentKit

/// The bodies of requests, word for word.
@Suite struct RequestTests {
    static let schema: JSONValue = ["type": "object", "properties": ["city": ["type": "string"]]]
    static let conversation: [Message] = [
        .user("Weather?"),
        Message(
            role: .assistant,
            parts: [
                .reasoning("hm", ProviderData(provider: "anthropic", value: ["type": "thinking", "signature": "s"])),
                .reasoning("ho", ProviderData(provider: "openai-responses", value: ["type": "reasoning", "id": "rs"])),
                .opaque(ProviderData(provider: "openai-chat", value: ["reasoning_details": [["index": 0]]])),
                .text("Let me see."),
                .toolCall(ToolCall(id: "f.x:0", name: "weather", input: ["city": "Oslo"])),
                .toolCall(ToolCall(id: "ws", name: "web_search", input: [:], isProviderExecuted: true)),
            ]),
        Message(
            role: .tool,
            parts: [
                .toolResult(ToolResult(callID: "f.x:0", toolName: "weather", output: ["t": 3])),
                .toolResult(ToolResult(callID: "g", toolName: "weather", output: "broke", isError: true)),
            ]),
        Message(role: .user, parts: [.text("And this?"), .image(.base64("AAAA", mediaType: "image/png"))]),
    ]
    static let request = ModelRequest(
        system: "Be brief.", messages: conversation,
        tools: [ToolDefinition(name: "weather", description: "Tells it", inputSchema: schema)],
        toolChoice: .tool("weather"),
        sampling: Sampling(temperature: 0.5, topP: 1, maxOutputTokens: 100, stopSequences: ["END"], seed: 7),
        responseSchema: ResponseSchema(name: "answer", schema: schema), wantsLogprobs: true,
        metadata: ["user_id": "u1", "run": "r1"], providerOptions: ["top_k": 5, "temperature": 0.25])

    @Test func anthropic() {
        let body = AnthropicRequest(
            model: "claude-sonnet-4-5", capabilities: .structuredOutput, isStreaming: true, defaultMaxTokens: 16_384
        ).body(Self.request)
        #expect(
            body.jsonString
                == #"{"model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"Weather?"}]},{"role":"assistant","content":[{"type":"thinking","signature":"s"},{"type":"text","text":"Let me see."},{"type":"tool_use","id":"f_x_0","name":"weather","input":{"city":"Oslo"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"f_x_0","content":"{\"t\":3}"},{"type":"tool_result","tool_use_id":"g","content":"broke","is_error":true},{"type":"text","text":"And this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}],"tools":[{"name":"weather","description":"Tells it","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}],"tool_choice":{"type":"tool","name":"weather"},"temperature":0.25,"top_p":1,"stop_sequences":["END"],"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"city":{"type":"string"}}}}},"metadata":{"user_id":"u1"},"top_k":5}"#
        )
    }

    @Test func chat() {
        let body = OpenAIChatRequest(
            model: "m", isOpenAI: false, isStreaming: true, reasoningField: "reasoning_content"
        )
        .body(Self.request)
        #expect(
            body.jsonString
                == #"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Weather?"},{"role":"assistant","content":"Let me see.","reasoning_details":[{"index":0}],"tool_calls":[{"id":"f.x:0","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}],"reasoning_content":"hmho"},{"role":"tool","tool_call_id":"f.x:0","content":"{\"t\":3}"},{"role":"tool","tool_call_id":"g","content":"broke"},{"role":"user","content":[{"type":"text","text":"And this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"weather","description":"Tells it","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],"tool_choice":{"type":"function","function":{"name":"weather"}},"temperature":0.25,"top_p":1,"max_tokens":100,"stop":["END"],"seed":7,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}},"logprobs":true,"user":"u1","top_k":5}"#
        )
        let official = OpenAIChatRequest(model: "m", isOpenAI: true, isStreaming: false, reasoningField: nil)
            .body(ModelRequest(messages: [.user("Hi")], sampling: Sampling(maxOutputTokens: 9), reasoningEffort: .low))
        #expect(
            official.jsonString
                == #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":9,"reasoning_effort":"low"}"#
        )
    }

    @Test func responses() {
        let body = OpenAIResponsesRequest(model: "m", isStreaming: true, isBackground: false, reasoningSummary: "auto")
            .body(Self.request)
        #expect(
            body.jsonString
                == #"{"model":"m","instructions":"Be brief.","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Weather?"}]},{"type":"reasoning","id":"rs"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Let me see."}]},{"type":"function_call","call_id":"f.x:0","name":"weather","arguments":"{\"city\":\"Oslo\"}"},{"type":"function_call_output","call_id":"f.x:0","output":"{\"t\":3}"},{"type":"function_call_output","call_id":"g","output":"broke"},{"type":"message","role":"user","content":[{"type":"input_text","text":"And this?"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}],"stream":true,"store":false,"tools":[{"type":"function","name":"weather","description":"Tells it","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":false}],"tool_choice":{"type":"function","name":"weather"},"temperature":0.25,"top_p":1,"max_output_tokens":100,"text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}},"include":["message.output_text.logprobs"],"safety_identifier":"u1","metadata":{"run":"r1"},"top_k":5}"#
        )
        let background = OpenAIResponsesRequest(
            model: "gpt-5", isStreaming: true, isBackground: true, reasoningSummary: "auto"
        ).body(ModelRequest(messages: [.user("Hi")], reasoningEffort: .high))
        #expect(background["store"] == true)
        #expect(background["background"] == true)
        #expect(background["reasoning"] == ["effort": "high", "summary": "auto"])
        #expect(background["include"] == ["reasoning.encrypted_content"])
    }

    static func anthropicBody(
        _ model: String, _ request: ModelRequest, _ capabilities: ModelCapabilities = []
    ) -> JSONObject {
        AnthropicRequest(model: model, capabilities: capabilities, isStreaming: true, defaultMaxTokens: 16_384)
            .body(request)
    }

    @Test func thinking() {
        func request(_ effort: ReasoningEffort, limit: Int? = nil) -> ModelRequest {
            ModelRequest(
                messages: [.user("Hi")], sampling: Sampling(temperature: 0.5, maxOutputTokens: limit),
                reasoningEffort: effort)
        }
        let budget = Self.anthropicBody("claude-sonnet-4-5", request(.medium))
        #expect(budget["thinking"] == ["type": "enabled", "budget_tokens": 8_192])
        #expect(budget["max_tokens"] == 24_576)
        #expect(budget["temperature"] == nil)
        let tight = Self.anthropicBody("claude-sonnet-4-5", request(.high, limit: 4_000))
        #expect(tight["thinking"] == ["type": "enabled", "budget_tokens": 3_000])
        #expect(tight["max_tokens"] == 4_000)
        // Too little for any budget.
        #expect(Self.anthropicBody("claude-sonnet-4-5", request(.high, limit: 1_000))["thinking"] == nil)
        for model in ["claude-opus-4-6", "claude-sonnet-5", "claude-mythos-preview"] {
            let adaptive = Self.anthropicBody(model, request(.minimal))
            #expect(adaptive["thinking"]?["type"] == "adaptive")
            #expect(adaptive["output_config"] == ["effort": "low"])
        }
        #expect(Self.anthropicBody("claude-opus-4-6", request(.none))["thinking"] == ["type": "disabled"])
    }

    @Test func schemaThatCannotBeEnforcedIsTold() {
        let request = ModelRequest(
            messages: [.user("Hi")], responseSchema: ResponseSchema(name: "a", schema: Self.schema))
        let body = Self.anthropicBody("claude-3-haiku", request)
        #expect(body["output_config"] == nil)
        #expect(body["system"]?.stringValue?.contains(Self.schema.jsonString) == true)
    }

    @Test func prefillLosesItsLastSpaces() {
        let body = Self.anthropicBody(
            "claude-sonnet-4-5", ModelRequest(messages: [.user("Hi"), .assistant("Once \n")]))
        #expect(body["messages"]?[1]?["content"] == [["type": "text", "text": "Once"]])
        let empty = Self.anthropicBody("claude-sonnet-4-5", ModelRequest(messages: [.user("Hi"), .assistant("  ")]))
        #expect(empty["messages"]?.arrayValue?.count == 1)
    }

    @Test(arguments: [
        ("https://api.openai.com", "https://api.openai.com/v1/x", false),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/x", false),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/x", false),
        ("https://api.groq.com/openai", "https://api.groq.com/openai/v1/x", false),
        ("https://h/v1beta/openai/", "https://h/v1beta/openai/v1/x", false),
        ("https://h/v1/chat/completions", "https://h/v1/x", false),
        ("https://h/openai/v1?api-version=2", "https://h/openai/v1/x?api-version=2", false),
        ("http://127.0.0.1:18200", "http://127.0.0.1:18200/v1/x", true),
        ("http://localhost:8080/", "http://localhost:8080/v1/x", true),
        ("http://[::1]:80", "http://[::1]:80/v1/x", true),
        ("http://127.evil.example", "http://127.evil.example/v1/x", false),
        ("https://user@h:1/v2", "https://user@h:1/v2/x", false),
    ])
    func endpoints(base: String, url: String, isLoopback: Bool) {
        let endpoint = ProviderEndpoint(baseURL: base)
        #expect(endpoint.url("/x") == url)
        #expect(endpoint.isLoopback == isLoopback)
        #expect(endpoint.url("/x", query: "a=1").hasSuffix(base.contains("?") ? "&a=1" : "?a=1"))
    }

    @Test func keysDoNotPrint() throws {
        let credential = try #require(Credential(" sk-secret-123\n"))
        #expect(credential.reveal() == "sk-secret-123")
        var text = "\(credential) \(String(reflecting: credential))"
        dump(credential, to: &text)
        let model = AnthropicModel("claude", apiKey: "sk-secret-123", transport: ReplayTransport([]))
        dump(model, to: &text)
        text += "\(model)" + String(reflecting: model)
        #expect(!text.contains("secret"))
        #expect(credential.redact("wrong key sk-secret-123!") == "wrong key [key]!")
        #expect(Credential(" \n") == nil)
    }

    @Test func families() {
        func prefills(_ name: String) -> Bool {
            AnthropicModel(name, transport: ReplayTransport([])).capabilities.contains(.prefill)
        }
        for name in [
            "claude-3-haiku-20240307", "claude-sonnet-4-5-20250929", "anthropic/claude-opus-4.5",
            "claude-opus-4-20250514",
        ] {
            #expect(prefills(name), "\(name)")
        }
        for name in ["claude-opus-4-6", "claude-sonnet-5", "claude-mythos-preview", "claude-opus-4-8", "other"] {
            #expect(!prefills(name), "\(name)")
        }
        #expect(ModelFamily.isOpenAIReasoning("openai/o3-mini"))
        #expect(ModelFamily.isOpenAIReasoning("gpt-5.2"))
        #expect(!ModelFamily.isOpenAIReasoning("gpt-4o"))
        #expect(!ModelFamily.isOpenAIReasoning("gpt-5-chat-latest"))
        #expect(!ModelFamily.isOpenAIReasoning("olmo"))
    }
}
