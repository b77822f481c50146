public import StreamCore
import Synchronization

/// What a process knows of its providers: a retry budget and a circuit breaker for each, shared by all runs.
///
/// A run asks ``begin(_:isRetry:)`` before each request, and tells how the request goes: ``answered(_:)`` at the first output, ``ended(_:failure:)`` or ``abandoned(_:)`` at its end. Between them
/// they keep the load on a failing provider below 1.2 times what is offered, and mostly far below.
public final class ProviderHealth: Sendable {
    /// How budgets and breakers are made.
    public struct Settings: Sendable, Hashable {
        /// What a request earns of a retry.
        public var budgetRatio: Double
        /// How many retries a second earns.
        public var budgetFloor: Double
        /// When breakers open; nil for none.
        public var breaker: CircuitBreaker.Settings?
        /// How many providers are kept in mind; of those beyond it the one that was asked longest ago is forgotten.
        public var providerLimit: Int

        /// Settings from their parts.
        public init(
            budgetRatio: Double = 0.2, budgetFloor: Double = 1,
            breaker: CircuitBreaker.Settings? = CircuitBreaker.Settings(), providerLimit: Int = 256
        ) {
            self.budgetRatio = budgetRatio
            self.budgetFloor = budgetFloor
            self.breaker = breaker
            self.providerLimit = max(1, providerLimit)
        }
    }

    /// A request that was admitted.
    public struct Call: Sendable, Hashable {
        /// The provider that is asked.
        public let provider: String
        let breakerCall: CircuitBreaker.Call?
    }

    /// What becomes of a request.
    public enum Admission: Sendable, Hashable {
        /// It may be made.
        case admitted(Call)
        /// It must not be made now.
        case refused(ProviderAvailability)
    }

    private struct Provider {
        var budget: RetryBudget
        var breaker: CircuitBreaker?
        var lastAsked: Duration
    }

    private let settings: Settings
    private let now: @Sendable () -> Duration
    private let instrumentation: Mutex<Instrumentation?>
    private let providers = Mutex<[String: Provider]>([:])

    /// Health of which nothing is known yet, on a clock; without a hook of its own it reports to that of the first agent that uses it.
    public init(
        _ settings: Settings = Settings(), clock: any Clock<Duration> = ContinuousClock(),
        instrumentation: Instrumentation? = nil
    ) {
        self.settings = settings
        self.instrumentation = Mutex(instrumentation)
        now = ProviderHealth.elapsed(on: clock)
    }

    /// Reports to a hook from now on, unless it was given one before.
    package func report(to instrumentation: Instrumentation) {
        self.instrumentation.withLock { $0 = $0 ?? instrumentation }
    }

    private static func elapsed<C: Clock<Duration>>(on clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// Whether a provider can be asked now; takes nothing from its budget.
    ///
    /// - Parameters:
    ///   - provider: The provider's name.
    ///   - isRetry: Whether it would be a retry, which the budget must afford.
    public func availability(of provider: String, isRetry: Bool) -> ProviderAvailability {
        let now = now()
        return providers.withLock { providers in
            guard let known = providers[provider] else { return .available }
            if let breaker = known.breaker, breaker.remaining(at: now) > .zero {
                return .breakerOpen(breaker.remaining(at: now))
            }
            return !isRetry || known.budget.canRetry(at: now) ? .available : .retryBudgetSpent
        }
    }

    /// Admits a request, or refuses it; a retry that is admitted is paid for.
    ///
    /// - Parameters:
    ///   - provider: The provider's name.
    ///   - isRetry: Whether it repeats or continues a request that failed; a takeover after an interruption is none.
    public func begin(_ provider: String, isRetry: Bool) -> Admission {
        change(provider) { known, now in
            if let remaining = known.breaker?.remaining(at: now), remaining > .zero {
                return .refused(.breakerOpen(remaining))
            }
            if isRetry {
                guard known.budget.retry(at: now) else { return .refused(.retryBudgetSpent) }
            } else {
                known.budget.request()
            }
            return .admitted(Call(provider: provider, breakerCall: known.breaker?.begin(at: now)))
        }
    }

    /// The provider sent the first output of a request.
    public func answered(_ call: Call) {
        guard let breakerCall = call.breakerCall else { return }
        change(call.provider) { known, now in known.breaker?.answered(breakerCall, at: now) }
    }

    /// A request ended; `failure` says how when it did not end well.
    ///
    /// Failures that say that the provider is in trouble count against it: those whose kind is transient. A request that it answered with a refusal, a 4xx say, was answered.
    public func ended(_ call: Call, failure: FailureKind? = nil) {
        if failure == .cancelled || failure == .interrupted { return abandoned(call) }
        guard let breakerCall = call.breakerCall else { return }
        change(call.provider) { known, now in
            known.breaker?.ended(breakerCall, isFailure: failure?.isTransient ?? false, at: now)
        }
    }

    /// A request was given up by its caller, which says nothing of the provider.
    public func abandoned(_ call: Call) {
        guard let breakerCall = call.breakerCall else { return }
        change(call.provider) { known, now in known.breaker?.abandoned(breakerCall, at: now) }
    }

    private func change<Result: Sendable>(
        _ name: String, _ body: (inout Provider, Duration) -> Result
    ) -> Result {
        let now = now()
        let (result, state) = providers.withLock { providers -> (Result, CircuitBreaker.State?) in
            var provider =
                providers[name]
                ?? Provider(
                    budget: RetryBudget(ratio: settings.budgetRatio, floor: settings.budgetFloor, at: now),
                    breaker: settings.breaker.map { CircuitBreaker($0) }, lastAsked: now)
            let before = provider.breaker?.state(at: now)
            let result = body(&provider, now)
            let after = provider.breaker?.state(at: now)
            provider.lastAsked = now
            if providers[name] == nil, providers.count >= settings.providerLimit,
                let oldest = providers.min(by: { $0.value.lastAsked < $1.value.lastAsked })?.key
            {
                providers[oldest] = nil
            }
            providers[name] = provider
            return (result, before == after ? nil : after)
        }
        if let state {
            let instrumentation = instrumentation.withLock { $0 }
            instrumentation?.report(.breaker(provider: name, state: state.rawValue))
        }
        return result
    }
}
