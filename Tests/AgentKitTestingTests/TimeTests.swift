import AgentKitTesting
import StreamCore
import Synchronization
import Testing

/// What happened, in order, from any task.
final class Record<Entry: Sendable>: Sendable {
    private let list = Mutex<[Entry]>([])
    func append(_ entry: Entry) { list.withLock { $0.append(entry) } }
    var entries: [Entry] { list.withLock { $0 } }
}

@Suite("Manual clock")
struct ManualClockTests {
    @Test("Time stands still until it is moved, and wakes by deadline")
    func order() async throws {
        let clock = ManualClock()
        let woken = Record<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seconds in [3, 1, 2] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    woken.append(seconds)
                }
            }
            try await clock.waitForSleepers(3)
            #expect(clock.nextDeadline == ManualClock.Instant(offset: .seconds(1)))
            clock.advance(by: .milliseconds(999))
            #expect(clock.sleeperCount == 3)
            clock.advance(by: .milliseconds(1))
            try await group.next()
            #expect(woken.entries == [1])
            #expect(clock.advanceToNextDeadline() == .seconds(1))
            try await group.next()
            #expect(woken.entries == [1, 2])
            clock.advance(to: ManualClock.Instant(offset: .seconds(60)))
            try await group.waitForAll()
        }
        #expect(woken.entries == [1, 2, 3])
        #expect(clock.advanceToNextDeadline() == nil)
        #expect(clock.now.offset == .seconds(60))
    }

    @Test("A deadline that has passed returns at once; time does not go back")
    func past() async throws {
        let clock = ManualClock()
        try await clock.sleep(for: .zero)
        clock.advance(by: .seconds(2))
        clock.advance(by: .seconds(-5))
        clock.advance(to: ManualClock.Instant(offset: .zero))
        try await clock.sleep(until: ManualClock.Instant(offset: .seconds(1)))
        #expect(clock.now.offset == .seconds(2))
    }

    @Test("A cancelled sleeper wakes with an error and is forgotten")
    func cancellation() async throws {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        try await clock.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)

        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await early.value }
    }

    @Test("Waiting for sleepers ends when the task is cancelled")
    func cancelledWatcher() async throws {
        let clock = ManualClock()
        let task = Task { try await clock.waitForSleepers() }
        await Task.yield()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("The wall clock follows")
    func timestamp() {
        let clock = ManualClock(epoch: Timestamp(millisecondsSince1970: 5))
        clock.advance(by: .milliseconds(1500))
        #expect(clock.timestamp == Timestamp(millisecondsSince1970: 1505))
        #expect(ManualClock().timestamp == Timestamp(millisecondsSince1970: 1_767_225_600_000))
    }
}

@Suite("Seeded randomness")
struct SeededRandomTests {
    @Test("The numbers are those of the published SplitMix64")
    func reference() {
        var random = SeededRandom(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in random.next() } == expected)
    }
}
