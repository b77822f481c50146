import AgentKit
import AgentKitTesting
import StreamCore
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct ContentGeneratorTests {
    private static let section = ContentSection(title: "Skates", brief: "New blades for old ice", tone: "dry")

    private static func prompt(_ request: ModelRequest) -> String { request.messages.last?.text ?? "" }

    private static func part(_ request: ModelRequest) -> String {
        ContentPart.standard.map(\.name).first { prompt(request).contains("Write only the \($0) ") } ?? "?"
    }

    private static func read(_ stream: ContentStream) async -> (chunks: [ContentChunk], error: ContentError?) {
        var chunks: [ContentChunk] = []
        do throws(ContentError) {
            for try await chunk in stream { chunks.append(chunk) }
        } catch {
            return (chunks, error)
        }
        return (chunks, nil)
    }

    private static func text(_ part: String, in chunks: [ContentChunk]) -> String {
        chunks.filter { $0.part == part }.map(\.content).joined()
    }

    @Test func writesThePartsInOrderEachSeeingTheEarlierOnes() async throws {
        let model = ScriptedModel { request in
            ScriptedGeneration([.text("The \(Self.part(request)) text")], usage: Usage(input: 10, output: 3))
        }
        let clock = ManualClock()
        let generator = ContentGenerator(model: model) { $0.wallClock = { clock.timestamp } }
        let (chunks, error) = await Self.read(generator.generateContent(Self.section))
        #expect(error == nil)
        let marks = chunks.compactMap { chunk in chunk.mark.map { "\(chunk.part) \($0)" } }
        #expect(
            marks == [
                "headline started", "headline finished", "subheadline started", "subheadline finished", "body started",
                "body finished", "cta started", "cta finished",
            ])
        for part in ContentPart.standard { #expect(Self.text(part.name, in: chunks) == "The \(part.name) text") }
        #expect(chunks.filter { $0.mark == .finished }.allSatisfy { $0.metadata.usage == Usage(input: 10, output: 3) })
        #expect(chunks.allSatisfy { $0.metadata.timestamp == clock.timestamp })
        #expect(chunks.first { !$0.content.isEmpty }?.metadata.confidence?.source == .lexical)
        let prompts = model.requests.map(Self.prompt)
        #expect(prompts[0].contains("Section: Skates\nBrief: New blades for old ice\nTone: dry"))
        #expect(!prompts[0].contains("Written already"))
        #expect(
            prompts[3].contains(
                "[headline] The headline text\n[subheadline] The subheadline text\n[body] The body text"))
        #expect(model.requests[0].system == ContentGenerator.instructions)
        #expect(model.requests[0].sampling.temperature == 0.7)
    }

    @Test(arguments: [1, 2, 3, 4])
    func writesAtMostSoManyAtATime(limit: Int) async throws {
        let meeting = Meeting(of: limit)
        let tool = Tool("meet", description: "", inputSchema: ["type": "object"]) { (_: JSONValue, _: ToolContext) in
            try await meeting.attend()
            return "met"
        }
        let model = ScriptedModel { request in
            request.messages.count == 1 ? ScriptedGeneration([.toolCall("meet", [:])]) : .text(Self.part(request))
        }
        let agent = StreamingAgent(model: model, tools: [tool])
        let generator = ContentGenerator(agent: agent, mode: .concurrent(limit: limit))
        let content = try await generator.collectContent(Self.section)
        #expect(meeting.most == limit)
        #expect(content.parts.map(\.name) == ["headline", "subheadline", "body", "cta"])
        #expect(model.requests.allSatisfy { !Self.prompt($0).contains("Written already") })
    }

    @Test func yieldsPartsThatAreWrittenSideBySide() async throws {
        let model = ScriptedModel { .text("The \(Self.part($0)) text") }
        let generator = ContentGenerator(model: model, mode: .concurrent(limit: 4))
        let (chunks, error) = await Self.read(generator.generateContent(Self.section))
        #expect(error == nil)
        for part in ContentPart.standard {
            let own = chunks.filter { $0.part == part.name }
            #expect(own.map(\.content).joined() == "The \(part.name) text")
            #expect(own.first?.mark == .started && own.last?.mark == .finished)
        }
    }

    @Test func takesPartsOfTheCallersOwn() async throws {
        let model = ScriptedModel("one", "two")
        let parts = [ContentPart("teaser", instruction: "a word."), ContentPart("faq", instruction: "five questions.")]
        let content = try await ContentGenerator(model: model, parts: parts).collectContent(Self.section)
        #expect(content["teaser"] == "one")
        #expect(content["faq"] == "two")
        #expect(content["body"] == nil)
        #expect(Self.prompt(model.requests[1]).hasSuffix("Write only the faq of this section: five questions."))
    }

    @Test(arguments: [ContentGenerator.Mode.inOrder, .concurrent(limit: 1)])
    func aFailureNamesItsPartAndEndsTheRest(mode: ContentGenerator.Mode) async throws {
        let model = ScriptedModel("Fine", .failure(ModelError(kind: .refused, message: "no")), "never")
        let (chunks, error) = await Self.read(ContentGenerator(model: model, mode: mode).generateContent(Self.section))
        #expect(error?.part == "subheadline")
        #expect(error?.error.kind == .refused)
        #expect(Self.text("headline", in: chunks) == "Fine")
        #expect(model.requests.count == 2)
    }

    @Test func aFailureCancelsWhatIsUnderWay() async throws {
        let model = ScriptedModel { request in
            Self.part(request) == "headline"
                ? .failure(ModelError(kind: .refused, message: "no")) : ScriptedGeneration([.text("half"), .hang])
        }
        let generator = ContentGenerator(model: model, mode: .concurrent(limit: 3))
        let (_, error) = await Self.read(generator.generateContent(Self.section))
        #expect(error?.part == "headline")
        #expect(model.openStreams == 0)
        #expect(model.requests.count <= 3)
    }

    @Test(arguments: [ContentGenerator.Mode.inOrder, .concurrent(limit: 2)])
    func anInterruptEndsItWithoutAnError(mode: ContentGenerator.Mode) async throws {
        let model = ScriptedModel { _ in ScriptedGeneration([.text("half"), .hang]) }
        let generator = ContentGenerator(model: model, mode: mode)
        var text = ""
        for try await chunk in generator.generateContent(Self.section) {
            text += chunk.content
            if mode == .inOrder || text == "halfhalf" { generator.agent.interrupt() }
        }
        #expect(text == (mode == .inOrder ? "half" : "halfhalf"))
        #expect(model.requests.count == (mode == .inOrder ? 1 : 2))
    }

    @Test func cancellingTheReaderCancelsTheParts() async throws {
        let model = ScriptedModel { _ in ScriptedGeneration([.text("half"), .hang]) }
        let generator = ContentGenerator(model: model, mode: .concurrent(limit: 2))
        let begun = Gate()
        let task = Task {
            for try await chunk in generator.generateContent(Self.section) where !chunk.content.isEmpty { begun.open() }
        }
        try await begun.wait()
        task.cancel()
        await #expect(throws: ContentError.self) { try await task.value }
        #expect(model.openStreams == 0)
    }

    @Test func hasTheFieldsOfTheGuide() throws {
        let chunk = ContentChunk(
            part: "headline", content: "Skates",
            metadata: ContentChunk.Metadata(
                confidence: Confidence(0.75, source: .lexical), reasoning: "short",
                timestamp: Timestamp(millisecondsSince1970: 1_700_000_000_000)))
        let data = try JSONEncoder().encode(chunk)
        let json = try JSONValue(parsing: Array(data))
        #expect(
            json == [
                "type": "headline", "content": "Skates",
                "metadata": [
                    "confidence": 0.75, "confidenceSource": "lexical", "reasoning": "short",
                    "timestamp": 1_700_000_000_000,
                ],
            ])
        #expect(try JSONDecoder().decode(ContentChunk.self, from: data) == chunk)
        let mark = ContentChunk(part: "body", metadata: .init(usage: Usage(input: 1, output: 2)), mark: .finished)
        #expect(try JSONDecoder().decode(ContentChunk.self, from: JSONEncoder().encode(mark)) == mark)
    }

    @Test func theDemonstrationModelWritesPages() async throws {
        let generator = ContentGenerator(model: ScriptedModel.demo(tokenDelay: .zero))
        let content = try await generator.collectContent(Self.section)
        #expect(content.parts.count == 4)
        #expect(content["headline"] == "Skates, word by word")
        #expect(content["cta"] == "Try Skates now")
        #expect((content["body"] ?? "").count > 200)
    }
}
