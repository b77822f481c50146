import AgentKit
import AgentKitTesting
import StreamCore
import StreamTransport
import Testing
import WireProtocols

@Suite struct HTTPModelTests {
    static let request = ModelRequest(messages: [.user("Hi")])
    static let loopback = "http://127.0.0.1:9"

    struct Answer {
        var events: [ModelEvent] = []
        var error: ModelError?
    }

    static func collect(_ stream: ModelStream) async -> Answer {
        var answer = Answer()
        do throws(ModelError) {
            for try await event in stream { answer.events.append(event) }
        } catch {
            answer.error = error
        }
        return answer
    }

    static func json(_ text: String, status: Int = 200, headers: HeaderFields = [:]) throws -> ReplayResponse {
        var headers = headers
        try headers.set("content-type", "application/json")
        return ReplayResponse(status: status, headers: headers, body: Array(text.utf8), chunkSize: 7)
    }

    static let chatBody =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n"
        + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

    @Test func requestsOfTheThree() async throws {
        let transport = ReplayTransport { _, _ in .events("") }
        let anthropic = AnthropicModel(
            "claude-x", apiKey: "k1", transport: transport, headers: ["anthropic-beta": "b"])
        _ = await Self.collect(anthropic.stream(Self.request))
        _ = await Self.collect(OpenAIChatModel("m", apiKey: "k2", transport: transport).stream(Self.request))
        let responses = OpenAIResponsesModel("m", apiKey: "k3", background: true, transport: transport)
        _ = await Self.collect(responses.stream(Self.request))
        _ = await Self.collect(responses.resume(after: ResponseCursor(responseID: "resp_1", sequenceNumber: 42)))
        _ = await Self.collect(OpenAIChatModel("m", baseURL: Self.loopback, transport: transport).stream(Self.request))
        let sent = transport.requests
        #expect(
            sent.map { "\($0.method) \($0.url)" } == [
                "POST https://api.anthropic.com/v1/messages", "POST https://api.openai.com/v1/chat/completions",
                "POST https://api.openai.com/v1/responses",
                "GET https://api.openai.com/v1/responses/resp_1?stream=true&starting_after=42",
                "POST http://127.0.0.1:9/v1/chat/completions",
            ])
        #expect(sent[0].headers["x-api-key"] == "k1")
        #expect(sent[0].headers["anthropic-version"] == "2023-06-01")
        #expect(sent[0].headers["anthropic-beta"] == "b")
        #expect(sent[0].headers["authorization"] == nil)
        #expect(sent[1].headers["authorization"] == "Bearer k2")
        #expect(sent[1].headers["accept"] == "text/event-stream")
        #expect(sent[3].body.isEmpty)
        #expect(sent[4].headers["authorization"] == nil)
        let wrong = await Self.collect(responses.resume(after: ResponseCursor(responseID: "../x", sequenceNumber: 1)))
        #expect(wrong.error?.kind == .invalidRequest)
        #expect(transport.openBodies == 0)
    }

    @Test func keyThatCannotBeAHeader() async {
        let transport = ReplayTransport([])
        let model = AnthropicModel("claude", apiKey: "a\nb", transport: transport)
        let answer = await Self.collect(model.stream(Self.request))
        #expect(answer.error?.kind == .authentication)
        #expect(transport.requests.isEmpty)
    }

    @Test(arguments: [1, 3, 1_000]) func streams(chunkSize: Int) async {
        let transport = ReplayTransport([.events(Self.chatBody, chunkSize: chunkSize)])
        let model = OpenAIChatModel("m", baseURL: Self.loopback, transport: transport)
        let answer = await Self.collect(model.stream(Self.request))
        #expect(answer.error == nil)
        #expect(
            answer.events == [
                .responseStarted(ResponseMetadata(id: "c")), .content(block: 0, text: "Hi"), .blockFinished(block: 0),
                .finish(.stop),
            ])
        #expect(transport.openBodies == 0)
    }

    @Test func eventsBeforeAnErrorComeFirst() async {
        let body =
            "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n"
            + "data: {\"error\":{\"message\":\"bad key sk-12345678\",\"code\":401}}\n\n"
        let transport = ReplayTransport([.events(body)])
        let model = OpenAIChatModel("m", apiKey: "sk-12345678", transport: transport)
        let answer = await Self.collect(model.stream(Self.request))
        #expect(answer.events.last == .content(block: 0, text: "Hi"))
        #expect(answer.error?.kind == .authentication)
        #expect(answer.error?.message == "bad key [key]")
    }

    @Test func brokenConnections() async {
        func error(_ body: String, _ code: TransportError.Code) async -> ModelError? {
            let transport = ReplayTransport([.events(body, ending: .failure(TransportError(code, "gone")))])
            return await Self.collect(
                OpenAIChatModel("m", baseURL: Self.loopback, transport: transport).stream(Self.request)
            ).error
        }
        let half = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n"
        #expect(await error(half, .connectionLost)?.kind == .transport)
        #expect(await error(half, .connectionLost)?.isRetryable == true)
        #expect(await error(half, .idleTimeout)?.kind == .timeout)
        #expect(await error(half, .cancelled)?.kind == .cancelled)
        #expect(await error(half, .truncatedBody)?.kind == .truncated)
        // The answer was whole: nothing is worth sending it again for.
        let whole = String(Self.chatBody.dropLast("data: [DONE]\n\n".count))
        #expect(await error(whole, .connectionLost)?.isRetryable == false)
        #expect(await error(Self.chatBody, .connectionLost) == nil)
        let refused = ReplayTransport([.failure(TransportError(.connectionFailed, "refused"))])
        let answer = await Self.collect(
            OpenAIChatModel("m", baseURL: Self.loopback, transport: refused).stream(Self.request))
        #expect(answer.error?.kind == .transport)
        #expect(answer.error?.isRetryable == true)
    }

    @Test func errorResponses() async throws {
        func error(_ response: ReplayResponse) async -> ModelError? {
            await Self.collect(
                AnthropicModel("claude", baseURL: Self.loopback, transport: ReplayTransport([response]))
                    .stream(Self.request)
            ).error
        }
        let limited = await error(
            try Self.json(
                #"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"},"request_id":"body"}"#,
                status: 429, headers: ["request-id": "req_1", "retry-after": "7"]))
        #expect(limited?.kind == .rateLimited)
        #expect(limited?.retryAfter == .seconds(7))
        #expect(limited?.requestID == "req_1")
        #expect(limited?.status == 429)
        #expect(limited?.message == "slow down")
        let quota = await error(
            try Self.json(
                #"{"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"m"}}"#, status: 429,
                headers: ["retry-after-ms": "20", "x-should-retry": "true"]))
        #expect(quota?.kind == .quotaExceeded)
        #expect(quota?.isRetryable == false)
        #expect(quota?.retryAfter == .milliseconds(20))
        let page = await error(
            ReplayResponse(
                status: 502, headers: ["content-type": "text/html"],
                body: Array(
                    "<html><head><title>502 Bad\n Gateway</title></head>\(String(repeating: "x", count: 200_000))".utf8)
            ))
        #expect(page?.kind == .server)
        #expect(page?.message == "HTTP 502 from http://127.0.0.1:9/v1/messages: a web page titled '502 Bad Gateway'")
        let overloaded = await error(ReplayResponse(status: 529, headers: ["x-should-retry": "false"]))
        #expect(overloaded?.kind == .overloaded)
        #expect(overloaded?.isRetryable == false)
        let stream = await error(.init(status: 400, body: Array("event: error\ndata: {\"detail\":\"m\"}\n\n".utf8)))
        #expect(stream?.message == "m")
        #expect(stream?.kind == .invalidRequest)
    }

    @Test func wholeAnswersComeAsEvents() async throws {
        let chat = try Self.json(
            #"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning_content":"hm","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#
        )
        let answer = await Self.collect(
            OpenAIChatModel(
                "m", baseURL: Self.loopback, transport: ReplayTransport([chat]), streaming: false
            ).stream(Self.request))
        #expect(
            answer.events == [
                .responseStarted(ResponseMetadata(id: "c", model: "m")), .reasoning(block: 0, text: "hm"),
                .blockFinished(block: 0), .content(block: 1, text: "Hi"), .blockFinished(block: 1),
                .toolInput(block: 2, ToolInputDelta(callID: "t", toolName: "f", delta: "")),
                .toolInput(block: 2, ToolInputDelta(callID: "t", toolName: "f", delta: #"{"x":1}"#)),
                .usage(Usage(input: 3, output: 2)),
                .toolCall(block: 2, ToolCall(id: "t", name: "f", input: ["x": 1])), .blockFinished(block: 2),
                .finish(.toolCalls),
            ])
        let message = try Self.json(
            #"{"id":"m1","type":"message","model":"c","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"f","input":{"x":1}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":2}}"#
        )
        let anthropic = await Self.collect(
            AnthropicModel("claude", baseURL: Self.loopback, transport: ReplayTransport([message])).stream(Self.request)
        )
        #expect(anthropic.error == nil)
        #expect(anthropic.events.last == .finish(.toolCalls))
        #expect(anthropic.events.contains(.toolCall(block: 2, ToolCall(id: "t", name: "f", input: ["x": 1]))))
        let response = try Self.json(
            #"{"id":"r","object":"response","model":"m","status":"completed","error":null,"output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]},{"type":"function_call","call_id":"t","name":"f","arguments":"{\"x\":1}"}],"usage":{"input_tokens":3,"output_tokens":2}}"#
        )
        let responses = await Self.collect(
            OpenAIResponsesModel("m", baseURL: Self.loopback, transport: ReplayTransport([response]), streaming: false)
                .stream(Self.request))
        #expect(responses.error == nil)
        #expect(responses.events.contains(.content(block: 0, text: "Hi")))
        #expect(responses.events.suffix(2) == [.usage(Usage(input: 3, output: 2)), .finish(.toolCalls)])
    }

    @Test func answersOfTheWrongKind() async throws {
        func error(_ response: ReplayResponse) async -> ModelError? {
            await Self.collect(
                OpenAIChatModel("m", baseURL: Self.loopback, transport: ReplayTransport([response]))
                    .stream(Self.request)
            ).error
        }
        #expect(await error(try Self.json(#"{"error":{"code":503,"message":"busy"}}"#))?.kind == .overloaded)
        #expect(await error(try Self.json(#"{"choices":"#))?.kind == .malformedResponse)
        #expect(await error(try Self.json(#"{"hello":1}"#))?.kind == .malformedResponse)
        let page = await error(
            ReplayResponse(headers: ["content-type": "text/html"], body: Array(" <html>hello</html>".utf8)))
        #expect(page?.kind == .malformedResponse)
        #expect(page?.message.contains("web page") == true)
        // A stream that is not labelled as one.
        #expect(await error(ReplayResponse(body: Array(Self.chatBody.utf8), chunkSize: 5)) == nil)
        #expect(await error(.events(""))?.kind == .truncated)
    }
}
