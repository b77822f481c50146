import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Testing

/// The provider's stream is cut at every event, in every kind of block, in each dialect: the written streams, and the recorded ones where they are.
@Suite struct CutWireTests {
    private static let rungs: [Rung] = [.retry, .prefill, .message, .restart]

    @Test(arguments: WireStream.written, rungs)
    func everyKindOfBlock(stream: WireStream, rung: Rung) async throws {
        for breaksOff in [true, false] {
            for cut in 0...stream.events.count { try await check(stream, rung, cut, breaksOff) }
        }
    }

    @Test(.enabled(if: RecordedStreams.arePresent), arguments: WireStream.recorded, [Rung.prefill, .message])
    func recordedStreams(stream: WireStream, rung: Rung) async throws {
        for (index, cut) in (stream.cuts + [stream.events.count]).enumerated() {
            try await check(stream, rung, cut, index.isMultiple(of: 2))
        }
    }

    /// From the provider's own cursor readers get the same text as if nothing had happened, byte for byte.
    @Test(arguments: [true, false])
    func aKeptResponse(breaksOff: Bool) async throws {
        let stream = WireStream("Responses, kept", .openAIResponses, data: WireStream.responses)
        for cut in 0...stream.events.count { try await check(stream, .cursor, cut, breaksOff) }
    }

    @Test(.enabled(if: RecordedStreams.arePresent))
    func aRecordedKeptResponse() async throws {
        let body = try #require(RecordedStreams.body("openai-responses-background-full.sse"))
        let stream = WireStream("background", .openAIResponses, body)
        for cut in 0...stream.events.count { try await check(stream, .cursor, cut, cut.isMultiple(of: 2)) }
    }

    /// Runs the agent against a provider that cuts its first response, and compares what came of it with what the provider sent.
    private func check(_ stream: WireStream, _ rung: Rung, _ cut: Int, _ breaksOff: Bool) async throws {
        let name: Comment = "\(stream.name), \(rung), cut after \(cut) of \(stream.events.count), \(breaksOff)"
        let log = MemoryEventLog()
        let executed = Recorder<ToolCall>()
        let provider = CuttingProvider(stream, cutAfter: cut, breaksOff: breaksOff)
        let tools = Set(stream.calls.map(\.name)).sorted().map { recording($0, executed) }
        let agent = StreamingAgent.durable(provider.model(rung.capabilities), log, rung, tools: tools) {
            // A search does no harm.
            $0.store?.recovery.toolReruns = .only(["web_search"])
        }
        let streamed = await agent.execute("?", id: "run").read()
        let run = try await transcript(of: "run", in: log)
        let sent = provider.sent
        let seams = run.seams
        // The whole answer was there, but not the word that it was: providers' streams that end so are no answer, and are not asked for again.
        if streamed.error?.kind == .truncated, streamed.error?.isRetryable == false {
            #expect(stream.decoded(upTo: cut).error?.isRetryable == false && seams.isEmpty, name)
            #expect(executed.values.isEmpty && run.text == stream.text, name)
            #expect(try await fold(of: "run", in: log).usage == provider.usage, name)
            return
        }
        #expect(streamed.error == nil, name)
        #expect(seams.count == sent.count { $0 != .cut && $0 != .last }, name)
        if cut == stream.events.count { #expect(seams.isEmpty, name) }

        // No text twice, and none that no response holds.
        let kept = try await textBeforeSeam(log)
        var expected = stream.text
        if sent.contains(.tail) {
            #expect(stream.text.utf8.starts(with: kept.utf8), name)
            expected = kept + CuttingProvider.tail
        } else if sent.contains(.whole) {
            #expect(kept.isEmpty, name)
        }
        if sent.contains(.last) { expected += CuttingProvider.last }
        // Byte by byte: a cut may stand within what Swift takes for one character.
        #expect(run.text.utf8.elementsEqual(expected.utf8), "\(name): \(run.text) instead of \(expected)")
        try expectSameShown(streamed, run, name)
        if rung == .cursor {
            #expect(streamed.text == expected, "\(name): \(seams.map { "\($0.strategy) \($0.droppedBlocks)" }) \(sent)")
        }

        // Each call once, with the input that the model gave it whole, and none of a response that was dropped.
        let isWhole = !sent.contains(.tail)
        #expect(
            executed.values.sorted { $0.id < $1.id } == (isWhole ? stream.calls.sorted { $0.id < $1.id } : []), name)
        #expect(
            streamed.results.count { !$0.isError && $0.output == .string(CuttingProvider.toolAnswer) }
                == executed.values.count, name)

        #expect(streamed.usage == provider.usage, name)
        let fold = try await fold(of: "run", in: log)
        #expect(fold.usage == provider.usage, name)
        #expect(fold.blocks.isEmpty && fold.calls.isEmpty, name)
        try await expectDroppedBlocksStayDropped(log, name)
    }

    private func recording(_ name: String, _ executed: Recorder<ToolCall>) -> Tool {
        Tool(name, description: "A tool.", inputSchema: ["type": "object"]) {
            (input: JSONValue, context: ToolContext) in
            executed.add(ToolCall(id: context.callID, name: name, input: input))
            return CuttingProvider.toolAnswer
        }
    }

    // What readers had of the answer when it broke, without what they then dropped.
    private func textBeforeSeam(_ log: any EventLog) async throws -> String {
        var text: [(block: Int, text: String)] = []
        for logged in try await events(of: "run", in: log) {
            switch logged.event.type {
            case .content:
                let value = try JSONValue(parsing: logged.event.payload)
                text.append((try #require(value["block"]?.intValue), value["content"]?.stringValue ?? ""))
            case .seam:
                let dropped = Set(try Seam(json: logged.event.payload).droppedBlocks)
                return text.filter { !dropped.contains($0.block) }.map(\.text).joined()
            default: continue
            }
        }
        return ""
    }

    // Who was handed the chunks shows the same as who reads the log.
    private func expectSameShown(_ streamed: Streamed, _ run: Transcript.Run, _ name: Comment) throws {
        var pieces: [(block: Int, text: String)] = []
        for chunk in streamed.chunks {
            switch chunk.payload {
            case .content(let text): pieces.append((try #require(chunk.block), text))
            case .seam(let seam): pieces.removeAll { seam.droppedBlocks.contains($0.block) }
            default: continue
            }
        }
        #expect(pieces.map(\.text).joined() == run.text, name)
    }

    private func expectDroppedBlocksStayDropped(_ log: any EventLog, _ name: Comment) async throws {
        var dropped: Set<Int> = []
        for logged in try await events(of: "run", in: log) where logged.event.visibility == .public {
            if logged.event.type == .seam {
                dropped.formUnion(try Seam(json: logged.event.payload).droppedBlocks)
            } else if let block = try JSONValue(parsing: logged.event.payload)["block"]?.intValue {
                #expect(!dropped.contains(block), name)
            }
        }
    }
}
