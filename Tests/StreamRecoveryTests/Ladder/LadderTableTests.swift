import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

/// The ladder over all combinations of what a situation can be: what must hold in each of them.
@Suite struct LadderTableTests {
    static let kinds: [FailureKind] = [
        .transport, .server, .timeout, .truncated, .rateLimited, .overloaded, .interrupted, .quotaExceeded,
        .invalidRequest, .notFound, .refused, .contextLength, .authentication, .cancelled, .malformedResponse, .unknown,
    ]

    /// All sequences of up to three blocks, each of any kind, open or finished, tool or not.
    static let shapes: [[EmittedBlock]] = {
        let kinds: [EmittedBlock.Kind] = [.text, .reasoning, .toolCall, .hostedTool]
        let one = kinds.flatMap { kind in [true, false].map { (kind, $0) } }
        func block(_ id: Int, _ sort: (EmittedBlock.Kind, Bool)) -> EmittedBlock {
            var block = Sample.block(id, sort.0, open: sort.1)
            if sort.0 == .text { block.text = id == 1 ? "word " : "text." }
            return block
        }
        var shapes: [[EmittedBlock]] = [[]]
        shapes += one.map { [block(0, $0)] }
        for first in one { shapes += one.map { [block(0, first), block(1, $0)] } }
        for first in one {
            for second in one { shapes += one.map { [block(0, first), block(1, second), block(2, $0)] } }
        }
        return shapes
    }()

    static let capabilities: [ModelCapabilities] = [
        [], [.prefill], [.backgroundResume], [.prefill, .backgroundResume],
    ]

    static let histories: [RecoveryHistory] = {
        var histories: [RecoveryHistory] = []
        for attempts in [1, 4, 5] {
            for last in [nil, RecoveryStrategy.Name.cursor, .prefill, .continuation, .restart] {
                var history = RecoveryHistory()
                for _ in 0..<attempts { history.requested() }
                if let last {
                    let isSame = last == .restart
                    history.began(
                        Recovery(
                            attempt: 1, strategy: last,
                            plan: RecoveryPlan(isSame ? .same : .prefill(prefix: "")), delay: .zero,
                            route: Sample.route(), cause: Sample.failure(.transport)))
                }
                histories.append(history)
            }
        }
        return histories
    }()

    /// Every sequence of up to three blocks, whatever the model can do, on every way that a run can break.
    @Test(arguments: [FailureKind.transport, .interrupted, .invalidRequest])
    func whateverWasEmitted(_ kind: FailureKind) {
        check([kind], shapes: Self.shapes, histories: Self.histories.filter { $0.attemptsSinceProgress <= 2 })
    }

    /// Every kind of failure, at every point of the retry law.
    @Test func whateverFailed() {
        check(Self.kinds, shapes: Array(Self.shapes[..<9]), histories: Self.histories)
    }

    private func check(_ kinds: [FailureKind], shapes: [[EmittedBlock]], histories: [RecoveryHistory]) {
        var random = SeededRandom(seed: 5)
        let manager = RecoveryManager()
        for kind in kinds {
            for emitted in shapes {
                for capabilities in Self.capabilities {
                    for history in histories {
                        for variant in 0..<8 {
                            var situation = Sample.situation(kind, emitted: emitted, capabilities, history: history)
                            if variant & 1 != 0 { situation.cursor = Sample.cursor }
                            if variant & 2 != 0 { situation.approvedTools = ["search"] }
                            if variant & 4 != 0 { situation.retryAfter = .seconds(100) }
                            let decision = manager.decide(situation, using: &random)
                            if let broken = Self.brokenRule(of: decision, in: situation, manager) {
                                Issue.record("\(broken): \(decision) in \(situation)")
                                return
                            }
                        }
                    }
                }
            }
        }
    }

    /// The first rule that a decision breaks, in words.
    static func brokenRule(
        of decision: RecoveryDecision, in situation: RecoverySituation, _ manager: RecoveryManager
    ) -> String? {
        let history = situation.history
        let blocks = situation.emitted
        let kind = situation.failure.kind
        let mayBeRefusal = [.invalidRequest, .notFound, .contextLength].contains(kind)
        let isRefusal = mayBeRefusal && history.lastChangedRequest != nil
        guard let recovery = decision.recovery else {
            guard let refusal = decision.refusal else { return "neither one nor the other" }
            if refusal.message.isEmpty { return "a refusal without a reason" }
            if refusal.code == .toolRan {
                if !situation.approvedTools.isEmpty { return "an approval is not heard" }
                if !blocks.contains(where: \.hasRun) { return "a tool that never ran is in the way" }
            }
            if refusal.code == .noStrategy { return "a situation without a rung" }
            let isRecoverable = kind.isTransient && history.attemptsSinceProgress < manager.retry.maxAttempts
            if isRecoverable, !blocks.contains(where: \.hasRun) { return "given up without need" }
            return nil
        }
        if !situation.isTakeover {
            if history.attemptsSinceProgress >= manager.retry.maxAttempts { return "more attempts than the law allows" }
            if !kind.isTransient, !isRefusal { return "what does not pass is tried again" }
        }
        if kind == .quotaExceeded { return "a spend limit is retried" }
        if recovery.delay > manager.retry.maxRetryAfter || recovery.delay < .zero { return "a delay out of range" }
        if situation.isTakeover || isRefusal, recovery.delay != .zero { return "a delay that helps nobody" }
        if let retryAfter = situation.retryAfter, !situation.isTakeover, !isRefusal, recovery.delay != retryAfter {
            return "Retry-After is not honoured"
        }
        if history.refused.contains(recovery.strategy) { return "a refused rung is tried again" }
        if isRefusal, recovery.strategy == history.lastChangedRequest { return "the rung that was just refused" }
        return brokenPlan(recovery, in: situation)
    }

    private static func brokenPlan(_ recovery: Recovery, in situation: RecoverySituation) -> String? {
        let plan = recovery.plan
        let blocks = situation.emitted
        if (plan.keptBlocks + plan.droppedBlocks).sorted() != blocks.map(\.id) { return "a block is lost or doubled" }
        if plan.keptBlocks != plan.keptBlocks.sorted() || plan.droppedBlocks != plan.droppedBlocks.sorted() {
            return "blocks out of order"
        }
        for block in blocks where plan.keptBlocks.contains(block.id) {
            if !block.isFinished, block.kind != .text { return "an open \(block.kind) is continued" }
            if block.kind == .toolCall, plan.request != .resume(Sample.cursor) {
                return "a call without a result is kept"
            }
        }
        for block in blocks where plan.droppedBlocks.contains(block.id) && block.hasRun {
            if case .resume = plan.request { continue }
            if situation.approvedTools.isEmpty { return "a tool runs again without approval" }
        }
        switch plan.request {
        case .resume:
            if situation.cursor == nil || !situation.current.capabilities.contains(.backgroundResume) {
                return "resumed without a cursor"
            }
        case .same:
            if !plan.keptBlocks.isEmpty { return "the same request keeps something" }
            if blocks.isEmpty != (recovery.strategy == .retry) {
                return "nothing emitted is a plain retry, else none is"
            }
            if blocks.isEmpty == plan.isRestart { return "a restart is told as one" }
        case .prefill(let text):
            if !situation.current.capabilities.contains(.prefill) { return "prefilled what cannot be" }
            if text.last?.isWhitespace == true, plan.keptBlocks.last.map({ blocks[$0].kind }) == .text {
                return "a prefill ends with white space"
            }
        case .message(let text, let message):
            if message.isEmpty { return "a message without words" }
            let kept = blocks.filter { plan.keptBlocks.contains($0.id) && $0.kind == .text }.map(\.text).joined()
            if text + plan.trimmed != kept { return "another text than was kept" }
        }
        if blocks.isEmpty, recovery.strategy != .retry, recovery.strategy != .cursor {
            return "nothing emitted is a plain retry"
        }
        return nil
    }
}
