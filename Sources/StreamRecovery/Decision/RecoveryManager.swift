public import StreamCore

/// Decides how a broken run goes on: a situation in; rung, delay and seam out.
///
/// A value without I/O, clock or randomness of its own; whoever executes its decisions (AgentKit's agents) brings those. A decision asks, in this order:
/// 1. Was the last rung refused (HTTP 400 to a prefill, a response that the provider no longer keeps)? Then the next one is tried at once, and that one never again for this model.
/// 2. Does the retry law allow another attempt, and after what delay? A takeover after an interruption waits for nothing.
/// 3. Can the provider be asked (retry budget, circuit breaker)? If not, the first of the alternatives that can.
/// 4. Which is the first rung that applies, keeps the run whole, and runs no tool again without approval?
/// 5. Do the run's limits leave room for it?
public struct RecoveryManager: Sendable {
    /// The rungs, the best first.
    public var ladder: [RecoveryStrategy]
    /// The retry law; its attempts are counted since the last progress.
    public var retry: RetryPolicy
    /// What a run may take in all.
    public var limits: RecoveryLimits
    /// Which tools may run again although they had begun before.
    public var toolReruns: ToolReruns

    /// A manager from its parts.
    public init(
        ladder: [RecoveryStrategy] = RecoveryStrategy.ladder, retry: RetryPolicy = RetryPolicy(),
        limits: RecoveryLimits = RecoveryLimits(), toolReruns: ToolReruns = .never
    ) {
        self.ladder = ladder
        self.retry = retry
        self.limits = limits
        self.toolReruns = toolReruns
    }

    /// Decides with what a process knows of its providers' health.
    ///
    /// The request itself is admitted by ``ProviderHealth/begin(_:isRetry:)`` when it is made, which may still refuse it.
    public func decide(
        _ situation: RecoverySituation, health: ProviderHealth, using generator: inout some RandomNumberGenerator
    ) -> RecoveryDecision {
        let isRetry = !situation.isTakeover
        var situation = situation
        situation.current.availability = health.availability(of: situation.current.provider, isRetry: isRetry)
        for index in situation.alternatives.indices {
            let provider = situation.alternatives[index].provider
            situation.alternatives[index].availability = health.availability(of: provider, isRetry: isRetry)
        }
        return decide(situation, using: &generator)
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - situation: Everything that the decision depends on.
    ///   - generator: The source of the delay's jitter.
    public func decide(
        _ situation: RecoverySituation, using generator: inout some RandomNumberGenerator
    ) -> RecoveryDecision {
        do throws(RecoveryRefusal) {
            var refused = situation.history.refused
            let isStepDown = situation.isRefusal
            if isStepDown, let last = situation.history.lastChangedRequest { refused.insert(last) }
            let delay = try delay(situation, isStepDown: isStepDown, using: &generator)
            let way = try way(situation, delay: delay)
            let isFallback = way.route != situation.current
            let (strategy, plan) = try firstRung(
                for: isFallback ? situation.rerouted(to: way.route) : situation, refused: isFallback ? [] : refused)
            if let refusal = limits.refusal(
                of: situation.history, isTakeover: situation.isTakeover, delay: way.delay)
            {
                throw refusal
            }
            let seams = situation.history.seams
            return .recover(
                Recovery(
                    attempt: seams == .max ? seams : seams + 1, strategy: strategy, plan: plan, delay: way.delay,
                    route: way.route, isFallback: isFallback, cause: situation.failure, refused: refused))
        } catch {
            return .giveUp(error)
        }
    }

    // The law's answer: nil when the provider asks to wait longer than may be waited, which another provider may spare us.
    private func delay(
        _ situation: RecoverySituation, isStepDown: Bool, using generator: inout some RandomNumberGenerator
    ) throws(RecoveryRefusal) -> Duration? {
        if situation.isTakeover { return .zero }
        let failure = situation.failure
        if isStepDown {
            guard situation.history.attemptsSinceProgress < retry.maxAttempts else { throw exhausted }
            return .zero
        }
        let decision = retry.decide(
            failure.kind, retryable: failure.retryable && failure.kind != .quotaExceeded,
            retryAfter: situation.retryAfter, attempt: max(1, situation.history.attemptsSinceProgress),
            using: &generator)
        switch decision {
        case .retry(let delay): return delay
        case .giveUp(.notRetryable):
            throw RecoveryRefusal(.notRetryable, "failures of this sort (\(failure.kind)) do not pass by trying again")
        case .giveUp(.attemptsExhausted): throw exhausted
        case .giveUp(.retryAfterTooLong(let asked)):
            if !situation.alternatives.isEmpty { return nil }
            throw tooLong(asked)
        }
    }

    private var exhausted: RecoveryRefusal {
        RecoveryRefusal(.attemptsExhausted, "\(retry.maxAttempts) attempts brought nothing new")
    }

    private func tooLong(_ asked: Duration) -> RecoveryRefusal {
        RecoveryRefusal(
            .retryAfterTooLong, "the provider asks to wait \(asked), longer than \(retry.maxRetryAfter)")
    }

    // Which model is asked, and when.
    private func way(
        _ situation: RecoverySituation, delay: Duration?
    ) throws(RecoveryRefusal) -> (route: RecoveryRoute, delay: Duration) {
        let current = situation.current
        if let delay, current.availability == .available { return (current, delay) }
        let isAlternative = { (route: RecoveryRoute) in
            // Another model of a provider that cannot be asked helps nobody.
            route.availability == .available && route.provider != current.provider
        }
        if let other = situation.alternatives.first(where: isAlternative) { return (other, .zero) }
        guard let delay else { throw tooLong(situation.retryAfter ?? .zero) }
        switch current.availability {
        case .breakerOpen(let remaining) where remaining <= retry.maxRetryAfter: return (current, max(delay, remaining))
        case .breakerOpen(let remaining):
            throw RecoveryRefusal(
                .breakerOpen, "so many requests to \(current.provider) failed that it is left alone for \(remaining)")
        default:
            throw RecoveryRefusal(
                .retryBudgetSpent, "too large a part of the requests to \(current.provider) are retries already")
        }
    }

    private func firstRung(
        for situation: RecoverySituation, refused: Set<RecoveryStrategy.Name>
    ) throws(RecoveryRefusal) -> (RecoveryStrategy.Name, RecoveryPlan) {
        var ran: [String] = []
        for strategy in ladder where !refused.contains(strategy.name) {
            guard let plan = strategy.plan(for: situation), plan.isSound(for: situation.emitted) else { continue }
            let again = plan.toolsThatRunAgain(of: situation.emitted).filter { tool in
                !toolReruns.allows(tool) && !situation.approvedTools.contains(tool)
            }
            if again.isEmpty { return (strategy.name, plan) }
            ran += again.filter { !ran.contains($0) }
        }
        guard ran.isEmpty else {
            throw RecoveryRefusal(
                .toolRan,
                "it would run \(ran.joined(separator: ", ")) once more, which the program has not approved")
        }
        throw RecoveryRefusal(.noStrategy, "no rung of the ladder fits what was written so far")
    }
}

extension RecoverySituation {
    /// Whether the failure says that the last rung, rather than the provider, is at fault.
    fileprivate var isRefusal: Bool {
        guard history.lastChangedRequest != nil, !failure.retryable else { return false }
        // 400, or 404 for a response that is kept no longer; a prompt that has become too long is a 400 as well.
        return failure.kind == .invalidRequest || failure.kind == .notFound || failure.kind == .contextLength
    }
}

extension RecoveryPlan {
    /// Whether the plan keeps the run whole, by the rules of ``RecoveryStrategy``.
    func isSound(for emitted: [EmittedBlock]) -> Bool {
        guard (keptBlocks + droppedBlocks).sorted() == emitted.map(\.id).sorted() else { return false }
        let kept = Set(keptBlocks)
        if request.isSame, !kept.isEmpty { return false }
        if let continuedBlock, !kept.contains(continuedBlock) { return false }
        return !emitted.contains { kept.contains($0.id) && $0.isOpenButNoText }
    }

    /// The tools that have run and may run again: those whose blocks are dropped, unless the provider sends them again itself.
    func toolsThatRunAgain(of emitted: [EmittedBlock]) -> [String] {
        if case .resume = request { return [] }
        let dropped = Set(droppedBlocks)
        return emitted.filter { $0.hasRun && dropped.contains($0.id) }.map { $0.toolName ?? $0.kind.rawValue }
    }
}
