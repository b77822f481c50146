import StreamCore
import Synchronization

/// Runs the tasks of a simulation one step at a time on the thread that calls it, and draws from one seed whose turn it is.
///
/// Tasks whose preferred executor it is never run anywhere else, and nothing else wakes them; so the same seed gives the same order, whatever the machine does.
final class SimulationScheduler: TaskExecutor {
    private enum Work: Sendable {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var ready: [Work] = []
        var random: SeededRandom
        var steps = 0
        var digest = SimulationDigest()
        var alarm: (step: Int, fire: @Sendable () -> Void)?
    }

    private let state: Mutex<State>
    let clock = ManualClock()

    init(seed: UInt64) {
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(.job(job)) }
    }

    /// Has a call made at a step of its own, as those of tasks are.
    func enqueue(_ call: @escaping @Sendable () -> Void) {
        state.withLock { $0.ready.append(.call(call)) }
    }

    // MARK: Chance

    /// A number of the range.
    func draw(_ range: ClosedRange<Int>) -> Int {
        state.withLock { Int.random(in: range, using: &$0.random) }
    }

    /// True once in so many times.
    func once(in count: Int) -> Bool {
        draw(1...max(1, count)) == 1
    }

    func draw<Element>(from elements: [Element]) -> Element {
        elements[draw(0...elements.count - 1)]
    }

    /// A seed for a source of its own.
    func drawSeed() -> UInt64 {
        state.withLock { $0.random.next() }
    }

    /// Takes note of something that happened: the digest of all of it is the simulation's trace.
    func note(_ number: UInt64) {
        state.withLock { $0.digest.add(number) }
    }

    var digest: UInt64 { state.withLock { $0.digest.value } }
    var steps: Int { state.withLock { $0.steps } }

    // MARK: Running

    /// Calls once, after so many steps more or as soon as nothing else can happen.
    func setAlarm(after steps: Int, _ fire: @escaping @Sendable () -> Void) {
        state.withLock { $0.alarm = ($0.steps + steps, fire) }
    }

    /// Takes a step; false when there is nothing to do.
    func step() -> Bool {
        let (work, fire) = state.withLock { state -> (Work?, (@Sendable () -> Void)?) in
            var fire: (@Sendable () -> Void)?
            if let alarm = state.alarm, state.steps >= alarm.step {
                state.alarm = nil
                fire = alarm.fire
            }
            guard !state.ready.isEmpty else { return (nil, fire) }
            state.steps += 1
            let index = Int.random(in: 0..<state.ready.count, using: &state.random)
            state.digest.add(UInt64(index))
            return (state.ready.remove(at: index), fire)
        }
        fire?()
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .call(let call): call()
        case nil: return fire != nil
        }
        return true
    }

    /// Lets time pass where nobody can go on without; false when nobody waits for it either.
    func passTime() -> Bool {
        if clock.advanceToNextDeadline() != nil { return true }
        let fire = state.withLock { state in
            defer { state.alarm = nil }
            return state.alarm?.fire
        }
        fire?()
        return fire != nil
    }
}

/// Does the jobs of one log in their order, each at a step of its own.
final class SimulatedWorker: Sendable {
    private let scheduler: SimulationScheduler
    private let jobs = Mutex<[@Sendable () -> Void]>([])

    init(_ scheduler: SimulationScheduler) {
        self.scheduler = scheduler
    }

    func perform(_ job: @escaping @Sendable () -> Void) {
        jobs.withLock { $0.append(job) }
        scheduler.enqueue { [self] in
            let next = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            next?()
        }
    }
}

/// A digest of numbers and bytes that is the same on every machine (FNV-1a, 64 bits).
struct SimulationDigest: Sendable, Hashable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0x0000_0100_0000_01B3
        value ^= value >> 29
    }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// The digest of an event, whose place does not matter.
    static func of(_ event: StreamEvent) -> UInt64 {
        var digest = SimulationDigest()
        digest.add(event.type.rawValue.utf8)
        digest.add(UInt64(event.visibility.rawValue) + 1)
        digest.add(event.source.utf8)
        digest.add(event.payload)
        return digest.value
    }
}
