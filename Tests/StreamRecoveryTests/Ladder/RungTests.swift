import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

/// What each rung does, on examples.
@Suite struct RungTests {
    private func decide(_ situation: RecoverySituation, _ manager: RecoveryManager = RecoveryManager()) -> Recovery? {
        var random = SeededRandom(seed: 1)
        return manager.decide(situation, using: &random).recovery
    }

    @Test func nothingEmittedIsAskedAgain() {
        let recovery = decide(Sample.situation(.server, [.prefill]))
        #expect(recovery?.strategy == .retry)
        #expect(recovery?.plan == RecoveryPlan(.same))
    }

    @Test func theProvidersCursorComesFirst() {
        let emitted = [Sample.text(3, "whole"), Sample.text(4, "op", open: true)]
        let recovery = decide(Sample.situation(emitted: emitted, [.backgroundResume, .prefill], cursor: Sample.cursor))
        #expect(recovery?.strategy == .cursor)
        #expect(
            recovery?.plan == RecoveryPlan(.resume(Sample.cursor), keptBlocks: [3, 4], continuedBlock: 4))
        #expect(decide(Sample.situation(.server, [.backgroundResume], cursor: Sample.cursor))?.strategy == .cursor)
        #expect(decide(Sample.situation(cursor: Sample.cursor))?.strategy == .retry)
    }

    @Test(arguments: [EmittedBlock.Kind.toolCall, .reasoning, .hostedTool])
    func theCursorGoesBackToWhereAnOpenBlockBegan(_ kind: EmittedBlock.Kind) {
        let before = ResponseCursor(responseID: "r", sequenceNumber: 12)
        var emitted = [Sample.text(0, "whole"), Sample.block(1, kind, open: true), Sample.text(2, "")]
        emitted[1].cursorBefore = before
        let situation = Sample.situation(emitted: emitted, [.backgroundResume], cursor: Sample.cursor)
        #expect(
            decide(situation)?.plan == RecoveryPlan(.resume(before), keptBlocks: [0], droppedBlocks: [1, 2]))
        // Where the text before it is still open, what was sent of it since would come twice.
        var unsafe = situation
        unsafe.emitted[0].isFinished = false
        #expect(decide(unsafe)?.strategy != .cursor)
        unsafe.emitted[0].cursorBefore = ResponseCursor(responseID: "r", sequenceNumber: 2)
        #expect(decide(unsafe)?.strategy != .cursor)
    }

    @Test func prefillContinuesTheOpenText() {
        let emitted = [Sample.block(0, .reasoning), Sample.text(1, "Hello wor", open: true)]
        let recovery = decide(Sample.situation(emitted: emitted, [.prefill]))
        #expect(recovery?.strategy == .prefill)
        #expect(
            recovery?.plan
                == RecoveryPlan(.prefill(prefix: "Hello wor"), keptBlocks: [0, 1], continuedBlock: 1))
    }

    @Test(arguments: [" ", "\n\n", " \t\u{A0}\u{2003}", "\r\n"])
    func prefillNeverEndsWithWhiteSpace(_ space: String) {
        let recovery = decide(
            Sample.situation(emitted: [Sample.text(0, "Hi,\(space)", open: true)], [.prefill]))
        #expect(recovery?.plan.request == .prefill(prefix: "Hi,"))
        #expect(recovery?.plan.trimmed == space)
        // Nothing but white space is nothing to continue.
        let blank = decide(Sample.situation(emitted: [Sample.text(0, space, open: true)], [.prefill]))
        #expect(blank?.strategy == .restart)
    }

    @Test func prefillDropsWhatFollowsTheFirstToolCall() {
        let emitted = [
            Sample.text(0, "Let me see."), Sample.block(1, .toolCall), Sample.block(2, .toolCall, open: true),
        ]
        let recovery = decide(Sample.situation(emitted: emitted, [.prefill]))
        #expect(
            recovery?.plan
                == RecoveryPlan(.prefill(prefix: "Let me see."), keptBlocks: [0], droppedBlocks: [1, 2]))
    }

    @Test func withoutPrefillTheAnswerGoesOnAfterTheLastWholeText() {
        let emitted = [Sample.text(0, "One. "), Sample.text(1, "Two.\n"), Sample.text(2, "Thr", open: true)]
        let recovery = decide(Sample.situation(emitted: emitted))
        #expect(recovery?.strategy == .continuation)
        #expect(
            recovery?.plan.request
                == .message(text: "One. Two.", message: RecoveryStrategy.continuationMessage))
        #expect(recovery?.plan.keptBlocks == [0, 1])
        #expect(recovery?.plan.droppedBlocks == [2])
        #expect(recovery?.plan.trimmed == "\n")
        #expect(recovery?.plan.continuedBlock == nil)
    }

    @Test func aHostCanHaveOpenTextContinuedInItsOwnWords() {
        let manager = RecoveryManager(ladder: [.continuation(message: "Weiter!", includesOpenText: true)])
        let recovery = decide(Sample.situation(emitted: [Sample.text(0, "Ein", open: true)]), manager)
        #expect(recovery?.plan.request == .message(text: "Ein", message: "Weiter!"))
        #expect(recovery?.plan.droppedBlocks == [])
    }

    @Test func withoutAWholeTextTheAnswerStartsAnew() {
        let emitted = [Sample.block(4, .reasoning), Sample.text(5, "Thr", open: true)]
        let recovery = decide(Sample.situation(emitted: emitted))
        #expect(recovery?.strategy == .restart)
        #expect(recovery?.plan == RecoveryPlan(.same, droppedBlocks: [4, 5], isRestart: true))
        let seam = recovery?.seam(of: Sample.origin, after: .start, at: nil)
        #expect(seam?.superseded == Seam.Superseded(runID: "run", blocks: [4, 5]))
    }

    @Test func aHostedToolThatHasRunIsKeptOrTheRunEnds() {
        let whole = [Sample.text(0, "Searching."), Sample.block(1, .hostedTool)]
        #expect(decide(Sample.situation(emitted: whole, [.prefill]))?.plan.keptBlocks == [0, 1])
        #expect(decide(Sample.situation(emitted: whole))?.plan.keptBlocks == [0, 1])

        let cut = Sample.situation(emitted: [Sample.text(0, "Hm."), Sample.block(1, .hostedTool, open: true)])
        var random = SeededRandom(seed: 1)
        #expect(RecoveryManager().decide(cut, using: &random).refusal?.code == .toolRan)
        var approved = cut
        approved.approvedTools = ["search"]
        #expect(decide(approved)?.strategy == .continuation)
        #expect(decide(cut, RecoveryManager(toolReruns: .only(["search"])))?.strategy == .continuation)
        #expect(decide(cut, RecoveryManager(toolReruns: .always))?.strategy == .continuation)
    }

    @Test func aRefusedPrefillFallsToTheNextRungAtOnceAndOnce() throws {
        let emitted = [Sample.text(0, "One."), Sample.text(1, "Tw", open: true)]
        var situation = Sample.situation(.overloaded, emitted: emitted, [.prefill])
        situation.history.requested()
        var strategies: [RecoveryStrategy.Name] = []
        while let recovery = decide(situation) {
            strategies.append(recovery.strategy)
            situation.history.began(recovery)
            situation.failure = Sample.failure(.invalidRequest)
            if strategies.count > 1 { #expect(recovery.delay == .zero) }
        }
        #expect(strategies == [.prefill, .continuation, .restart])
        var random = SeededRandom(seed: 1)
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .notRetryable)
    }

    @Test func aKeptResponseThatIsGoneFallsToTheNextRung() throws {
        var situation = Sample.situation(
            emitted: [Sample.text(0, "On", open: true)], [.backgroundResume, .prefill], cursor: Sample.cursor)
        situation.history.requested()
        let first = try #require(decide(situation))
        situation.history.began(first)
        situation.failure = Sample.failure(.notFound)
        let second = try #require(decide(situation))
        #expect(second.strategy == .prefill)
        // Also not after progress: the rung stays refused for this model.
        situation.history.began(second)
        situation.history.progressed()
        situation.failure = Sample.failure(.transport)
        #expect(decide(situation)?.strategy == .prefill)
    }

    @Test func hostsReorderRemoveAndAddRungs() {
        let emitted = [Sample.text(0, "One."), Sample.text(1, "Tw", open: true)]
        let situation = Sample.situation(emitted: emitted, [.prefill])
        #expect(decide(situation, RecoveryManager(ladder: [.restart, .prefill]))?.strategy == .restart)
        let own = RecoveryStrategy("summary") { situation in
            RecoveryPlan(
                .message(text: "", message: "Go on from a summary."),
                droppedBlocks: situation.emitted.map(\.id))
        }
        #expect(decide(situation, RecoveryManager(ladder: [own] + RecoveryStrategy.ladder))?.strategy == "summary")
        var random = SeededRandom(seed: 1)
        let empty = RecoveryManager(ladder: []).decide(situation, using: &random)
        #expect(empty.refusal?.code == .noStrategy)
    }

    @Test(arguments: [
        RecoveryPlan(.same, keptBlocks: [0, 1]),  // the same request keeps nothing
        RecoveryPlan(.prefill(prefix: ""), keptBlocks: [0]),  // block 1 is neither kept nor dropped
        RecoveryPlan(.prefill(prefix: ""), keptBlocks: [0, 1], droppedBlocks: [1]),
        RecoveryPlan(.prefill(prefix: ""), keptBlocks: [0, 1]),  // open reasoning is kept
        RecoveryPlan(.resume(Sample.cursor), keptBlocks: [0, 1]),
        RecoveryPlan(.prefill(prefix: ""), keptBlocks: [0], droppedBlocks: [1], continuedBlock: 1),
        RecoveryPlan(.prefill(prefix: ""), keptBlocks: [0], droppedBlocks: [1, 7]),
    ])
    func aPlanThatBreaksTheRulesIsPassedOver(_ plan: RecoveryPlan) {
        let emitted = [Sample.text(0, "One."), Sample.block(1, .reasoning, open: true)]
        let manager = RecoveryManager(ladder: [RecoveryStrategy("odd") { _ in plan }, .restart])
        #expect(decide(Sample.situation(emitted: emitted), manager)?.strategy == .restart)
    }
}
