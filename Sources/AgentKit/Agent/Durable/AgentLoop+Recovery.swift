import ProgressTracking
import StreamCore
import StreamRecovery

extension AgentLoop {
    /// Streams the model's next response into the log, and recovers where it breaks.
    mutating func respondDurably() async throws(RunFailure) -> Response {
        guard let durable else { return try await respond() }
        var opening = Opening(request(of: durable))
        if durable.isTakeover, !durable.isFirstAttempt, durable.fold.lastFinish == nil {
            opening = try await recover(from: .taken)
        }
        while true {
            var attempt = Attempt()
            let failure: RunFailure
            do throws(RunFailure) {
                return try await perform(opening, &attempt)
            } catch {
                failure = error
            }
            // What was told last counts, also where no block ended after it.
            stageUsage(&attempt, isLast: true)
            // A failure that comes as the run is interrupted is not its end: whoever goes on with it recovers from that.
            guard case .model(let error) = failure, !Task.isCancelled else {
                var failure = failure
                if case .model = failure { failure = .cancelled }
                tell(.abandoned, of: attempt)
                try await release(&attempt, after: failure)
                throw failure
            }
            tell(.failed(error.failure), of: attempt)
            do throws(RunFailure) {
                opening = try await recover(from: .failed(error))
            } catch {
                try await release(&attempt, after: error)
                throw error
            }
        }
    }

    /// Reports what came of the recovery that an attempt carries out, unless that is known already.
    func tell(_ outcome: RecoveryAttempt.Outcome, of attempt: Attempt) {
        guard let recovery = attempt.recovery, !attempt.hasProgressed else { return }
        instrumentation.report(.recovery(recovery.record(runID: record.id, outcome: outcome)))
    }

    /// Why a response is asked for once more.
    private enum Break {
        /// Another process had begun it.
        case taken
        case failed(ModelError)

        var failure: Failure {
            switch self {
            case .taken: .interruptedRun
            case .failed(let error): error.failure
            }
        }

        var error: ModelError {
            switch self {
            case .taken: ModelError(kind: .interrupted, message: Failure.interruptedRun.message)
            case .failed(let error): error
            }
        }
    }

    private func request(of durable: DurableRun) -> ModelRequest {
        configuration.request(
            durable.fold.conversation, metadata: record.metadata, isFirst: record.steps == 0,
            capabilities: durable.model.capabilities)
    }

    /// Decides how to go on, waits, and tells readers of it.
    private mutating func recover(from cause: Break) async throws(RunFailure) -> Opening {
        guard var durable else { throw .model(cause.error) }
        var situation = durable.situation(cause.failure, retryAfter: cause.error.retryAfter)
        var decision = jitter.decide(durable.store.recovery, situation, durable.store.health)
        if case .giveUp(let refusal) = decision, refusal.code == .toolRan {
            situation.approvedTools = await approvedTools(durable)
            decision = jitter.decide(durable.store.recovery, situation, durable.store.health)
        }
        let recovery: Recovery
        switch decision {
        case .recover(let decided): recovery = decided
        case .giveUp(let refusal):
            instrumentation.report(
                .recoveryGivenUp(runID: record.id, cause: cause.failure, reason: refusal.message))
            throw .unrecovered(cause.error, refusal)
        }
        instrumentation.report(.recovery(recovery.record(runID: record.id)))
        if recovery.delay > .zero {
            durable.stageProgress(.retrying, at: configuration.wallClock())
            try await durable.commit()
            self.durable = durable
            do {
                try await configuration.clock.sleep(for: recovery.delay)
            } catch {
                throw .cancelled
            }
        }
        durable.model = durable.model(for: recovery.route)
        durable.history.began(recovery)
        let now = configuration.wallClock()
        let seam = recovery.seam(
            of: durable.start.origin, after: durable.fold.offset == .start ? nil : durable.fold.offset, at: now)
        durable.journal.stage(seam)
        if recovery.plan.isRestart { durable.stageRestart(at: now) }
        let request = request(of: durable)
        let opening = Opening(recovery, request, kept: durable.fold.parts)
        self.durable = durable
        instrumentation.report(
            .seam(
                runID: record.id, strategy: seam.strategy.rawValue, cause: seam.cause,
                droppedBlocks: seam.droppedBlocks))
        try await showSeam(recovery, at: now)
        return opening
    }

    // What of the provider's own tools in the broken response the host, being asked, allows to run again.
    private func approvedTools(_ durable: DurableRun) async -> Set<String> {
        guard let approves = durable.store.approvesRerun else { return [] }
        var approved: Set<String> = []
        var denied: Set<String> = []
        for call in durable.fold.blocks.compactMap(\.call) where call.isProviderExecuted {
            let recorded = RecordedCall(id: call.id, toolName: call.name, progress: .started)
            guard durable.store.recovery.disposition(of: recorded) == .ask else { continue }
            let context = ToolContext(callID: call.id, runID: record.id, step: durable.fold.steps)
            if await approves(call, context) { approved.insert(call.name) } else { denied.insert(call.name) }
        }
        // Approvals are by name: all calls of the name run again.
        return approved.subtracting(denied)
    }

    // Log before yield: the seam is appended with the attempt's record before its chunk is handed out.
    private mutating func showSeam(_ recovery: Recovery, at now: Timestamp?) async throws(RunFailure) {
        try await durable?.commit()
        let notice = SeamNotice(
            attempt: recovery.attempt, strategy: recovery.strategy.rawValue,
            droppedBlocks: recovery.plan.droppedBlocks, continuedBlock: recovery.plan.continuedBlock,
            isRestart: recovery.plan.isRestart)
        try await outlet.send([AgentChunk(.seam(notice), timestamp: now)])
    }
}

extension Jitter {
    /// What recovery says about a situation.
    func decide(
        _ manager: RecoveryManager, _ situation: RecoverySituation, _ health: ProviderHealth
    ) -> RecoveryDecision {
        withGenerator { generator in manager.decide(situation, health: health, using: &generator) }
    }
}
