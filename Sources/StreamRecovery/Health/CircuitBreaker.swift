/// Stops asking a provider that fails: a state machine, as a value.
///
/// Closed, it counts the calls that ended within the last 30 s; when there are 20 or more and half of them failed, it opens and lets none through. After a cooldown it lets one probe through:
/// if that is answered it closes, if it fails the cooldown doubles. Times are readings of one monotonic clock.
public struct CircuitBreaker: Sendable, Hashable {
    /// When a breaker opens, and for how long.
    public struct Settings: Sendable, Hashable {
        /// The stretch of time whose calls count.
        public var window: Duration
        /// How many calls must have ended in it; at least 1.
        public var minimumCalls: Int
        /// The part of them that must have failed, 0 … 1.
        public var failureRatio: Double
        /// How long it stays open at first.
        public var cooldown: Duration
        /// How long it stays open at most.
        public var maxCooldown: Duration
        /// After what time a probe that was neither answered nor failed no longer counts.
        public var probeTimeout: Duration

        /// Settings from their parts.
        public init(
            window: Duration = .seconds(30), minimumCalls: Int = 20, failureRatio: Double = 0.5,
            cooldown: Duration = .seconds(10), maxCooldown: Duration = .seconds(60),
            probeTimeout: Duration = .seconds(120)
        ) {
            self.window = max(.milliseconds(1), window)
            self.minimumCalls = max(1, minimumCalls)
            self.failureRatio = failureRatio
            self.cooldown = max(.zero, cooldown)
            self.maxCooldown = max(self.cooldown, maxCooldown)
            self.probeTimeout = max(.zero, probeTimeout)
        }
    }

    /// What a breaker does.
    public enum State: String, Sendable, Hashable {
        /// Lets every call through.
        case closed
        /// Lets no call through.
        case open
        /// Lets one call through, to see.
        case halfOpen = "half-open"
    }

    private enum Phase: Hashable {
        case closed
        case open(until: Duration)
        case halfOpen(probe: UInt64, until: Duration)
    }

    /// A call that was let through; how it goes is told with it.
    public struct Call: Sendable, Hashable {
        let number: UInt64
        // Calls that were let through before the breaker opened say nothing about the time after.
        let generation: UInt64
    }

    /// When it opens, and for how long.
    public let settings: Settings

    private var phase = Phase.closed
    private var counts: SlidingCounts
    private var cooldown: Duration
    private var generation: UInt64 = 0
    private var nextCall: UInt64 = 0

    /// A closed breaker.
    public init(_ settings: Settings = Settings()) {
        self.settings = settings
        cooldown = settings.cooldown
        counts = SlidingCounts(window: settings.window)
    }

    /// What it does at a moment.
    public func state(at now: Duration) -> State {
        switch phase {
        case .closed: .closed
        case .open(let until): now < until ? .open : .halfOpen
        case .halfOpen: .halfOpen
        }
    }

    /// How long until a call may be let through; zero when one would be now.
    public func remaining(at now: Duration) -> Duration {
        switch phase {
        case .closed: .zero
        case .open(let until), .halfOpen(_, let until): max(.zero, until - now)
        }
    }

    /// Lets a call through, or not: then nil.
    public mutating func begin(at now: Duration) -> Call? {
        guard remaining(at: now) == .zero else { return nil }
        nextCall &+= 1
        if phase != .closed { phase = .halfOpen(probe: nextCall, until: now + settings.probeTimeout) }
        return Call(number: nextCall, generation: generation)
    }

    /// The provider began to answer a call: enough for a probe, whose end may be minutes away.
    public mutating func answered(_ call: Call, at now: Duration) {
        if isProbe(call) { close() }
    }

    /// A call ended; `isFailure` when the provider is to blame.
    public mutating func ended(_ call: Call, isFailure: Bool, at now: Duration) {
        if isProbe(call) {
            if isFailure { open(at: now, for: min(settings.maxCooldown, cooldown * 2)) } else { close() }
            return
        }
        guard phase == .closed, call.generation == generation else { return }
        counts.add(isFailure: isFailure, at: now)
        let (calls, failures) = counts.sums(at: now)
        if isFailure, calls >= settings.minimumCalls, Double(failures) >= settings.failureRatio * Double(calls) {
            open(at: now, for: settings.cooldown)
        }
    }

    /// A call was given up by the caller, which says nothing of the provider.
    public mutating func abandoned(_ call: Call, at now: Duration) {
        if isProbe(call) { phase = .open(until: now) }
    }

    private func isProbe(_ call: Call) -> Bool {
        if case .halfOpen(call.number, _) = phase { true } else { false }
    }

    private mutating func open(at now: Duration, for duration: Duration) {
        cooldown = duration
        phase = .open(until: now + duration)
        counts = SlidingCounts(window: settings.window)
        generation &+= 1
    }

    private mutating func close() {
        phase = .closed
        cooldown = settings.cooldown
        counts = SlidingCounts(window: settings.window)
        generation &+= 1
    }
}

/// How many calls ended in a stretch of time, and how many of them failed, in 30 slices: what is exact is the slice, not the moment.
struct SlidingCounts: Sendable, Hashable {
    private static let sliceCount = 30
    private let slice: Duration
    private var slices = [Slice](repeating: Slice(), count: sliceCount)

    private struct Slice: Hashable {
        var number = Int.min
        var calls = 0
        var failures = 0
    }

    init(window: Duration) {
        slice = max(Duration(secondsComponent: 0, attosecondsComponent: 1_000_000), window / SlidingCounts.sliceCount)
    }

    mutating func add(isFailure: Bool, at now: Duration) {
        let number = number(at: now)
        let place = number.quotientAndRemainder(dividingBy: SlidingCounts.sliceCount).remainder.magnitude
        let index = Int(place)
        if slices[index].number != number { slices[index] = Slice(number: number) }
        slices[index].calls += 1
        if isFailure { slices[index].failures += 1 }
    }

    func sums(at now: Duration) -> (calls: Int, failures: Int) {
        let newest = number(at: now)
        var sums = (calls: 0, failures: 0)
        for slice in slices where slice.number > newest - SlidingCounts.sliceCount && slice.number <= newest {
            sums.calls += slice.calls
            sums.failures += slice.failures
        }
        return sums
    }

    // Saturating at the ends, where no clock ever comes.
    private func number(at now: Duration) -> Int {
        let quotient = (now / slice).rounded(.down)
        return Int(exactly: max(-1e15, min(1e15, quotient))) ?? 0
    }
}
