import AgentKit
import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery
import Testing

/// A section as a project: its progress is the log's.
@Suite struct SectionProgressTests {
    private static let section = ContentSection(title: "Skates", brief: "New blades for old ice")
    private let log = MemoryEventLog()
    private let progress = MemoryProgressStore()

    private func generator(_ model: ScriptedModel, _ mode: ContentGenerator.Mode = .inOrder) -> ContentGenerator {
        ContentGenerator(model: model, mode: mode, project: "page") {
            var store = RunStore(log: log)
            store.progress = RunProgressOptions(store: progress, prices: ["*": ModelPrice(input: 1, output: 10)])
            $0.store = store
        }
    }

    private func folded() async throws -> ProjectProgress {
        var fold = ProgressFold()
        fold.advance(by: ProgressAdvance(try await log.read("page", after: .start, limit: PageLimit()), after: .start))
        return fold.project
    }

    @Test(arguments: [ContentGenerator.Mode.inOrder, .concurrent(limit: 4)])
    func theProjectTellsOfAllParts(mode: ContentGenerator.Mode) async throws {
        let model = ScriptedModel { _ in
            ScriptedGeneration([.text("Some words for the page.")], usage: Usage(input: 10, output: 3))
        }
        var seen: [ProjectProgress] = []
        for try await chunk in generator(model, mode).generateContent(Self.section) where chunk.mark != nil {
            seen.append(try await progress.project("page"))
        }
        // All are known from the first moment, by their weights.
        #expect(seen.first.map { Set($0.agents.map(\.agentID)) } == ["headline", "subheadline", "body", "cta"])
        let weights = Dictionary(
            uniqueKeysWithValues: ContentPart.standard.map { ($0.name, Double($0.expectedTokens)) })
        #expect(seen.allSatisfy { $0.agents.allSatisfy { weights[$0.agentID] == $0.weight } })
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.percentage <= $1.percentage })
        if mode == .inOrder {
            #expect(seen.first?.statuses[.queued] ?? 0 >= 3)
            let headline = ContentPart.headline.expectedTokens
            let all = ContentPart.standard.reduce(0) { $0 + $1.expectedTokens }
            let afterFirst = 100 * Double(headline) / Double(all)
            #expect(seen.contains { abs($0.percentage - afterFirst) < 0.01 })
        }
        let end = try await progress.project("page")
        #expect(end.percentage == 100 && end.status == .completed)
        #expect(end.tokensUsed == 52)
        #expect(end.cost == Cost(4 * (10 * 1e-6 + 3 * 10e-6)))
        #expect(try await folded() == end)
    }

    @Test func whatIsNeverWrittenIsCancelled() async throws {
        let error = ModelError(kind: .authentication, message: "no")
        let model = ScriptedModel("A headline.", .failure(error))
        await #expect(throws: ContentError.self) { try await generator(model).collectContent(Self.section) }
        let project = try await folded()
        let statuses = Dictionary(uniqueKeysWithValues: project.agents.map { ($0.agentID, $0.status) })
        #expect(statuses == ["headline": .completed, "subheadline": .failed, "body": .cancelled, "cta": .cancelled])
        #expect(project.status == .failed)
        #expect(try await progress.project("page") == project)
    }

    @Test func aReaderThatLeavesLeavesNothingQueued() async throws {
        let model = ScriptedModel { _ in ScriptedGeneration([.text("A head"), .hang]) }
        let task = Task { try await generator(model).collectContent(Self.section) }
        while try await progress.project("page").agents.first(where: { $0.agentID == "headline" })?.status != .running {
            await Task.yield()
        }
        task.cancel()
        _ = await task.result
        let project = try await folded()
        #expect(project.statuses == [.paused: 1, .cancelled: 3])
    }

    @Test func withoutAProjectEachPartIsItsOwn() async throws {
        let model = ScriptedModel { _ in "Words." }
        let generator = ContentGenerator(model: model) { $0.store = RunStore(log: log) }
        _ = try await generator.collectContent(Self.section)
        #expect(try await log.list(prefix: "run-", after: nil, limit: 10).count == 4)
    }
}
