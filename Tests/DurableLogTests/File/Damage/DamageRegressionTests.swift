import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// What the tests of every byte, every call and every loss have found once.
@Suite struct DamageRegressionTests {
    private func append(_ numbers: Range<Int>, to log: FileEventLog, _ durability: Durability) async throws {
        for number in numbers {
            _ = try await log.append(
                [LogMemory.event(number)], to: "s", options: AppendOptions(durability: durability))
        }
    }

    private func numbers(_ log: FileEventLog, after offset: Offset = .start) async throws -> [Int] {
        try await log.read("s", after: offset, limit: PageLimit()).events.map { LogMemory.number(of: $0.event) }
    }

    /// The header of a synced segment is damaged: what stands in those before it can be read, then comes an error with the place.
    @Test func aDamagedHeaderLeavesTheSegmentsBefore() async throws {
        let system = FaultInjectingFileSystem()
        do {
            let log = try system.openLogInline()
            _ = try await log.create("s", options: LogStory.segmented)
            try await append(0..<40, to: log, .synced)
        }
        let after = system.crashed()
        let path = try #require(after.paths.last { $0.hasPrefix("/log/streams/s/") && $0.hasSuffix(".seg") })
        var bytes = try #require(after.contents(of: path))
        bytes[20] ^= 1
        after.replace(path, with: bytes)
        let log = try after.openLogInline()
        let page = try await log.read("s", after: .start, limit: PageLimit())
        #expect(page.events.map { LogMemory.number(of: $0.event) } == Array(0..<32))
        #expect(!page.isUpToDate)
        let next = page.next
        await #expect {
            _ = try await log.read("s", after: next, limit: PageLimit())
        } throws: { error in
            let error = error as? EventLogError
            return error?.code == .corrupt && error?.message.contains("\(path), byte 0:") == true
        }
        await #expect { try await append(40..<41, to: log, .buffered) } throws: {
            ($0 as? EventLogError)?.code == .corrupt
        }
    }

    /// What the process after a failed sync finds is in the system's cache alone.
    ///
    /// A sync that succeeds there must not be taken for the one that failed.
    @Test func whatAFailedSyncLeftIsWrittenAgainByTheNextProcess() async throws {
        let system = FaultInjectingFileSystem()
        do {
            let log = try system.openLogInline()
            try await log.create("s")
            try await append(0..<1, to: log, .synced)
            try await append(1..<4, to: log, .buffered)
            system.fail(FileFailure(.sync, .inputOutput, times: 1000), FileFailure(.open, .inputOutput, times: 1000))
            await #expect(throws: EventLogError.self) { try await append(4..<5, to: log, .synced) }
        }
        let next = system.crashed()
        let log = try next.openLogInline()
        #expect(try await numbers(log) == [0, 1, 2, 3])
        try await append(5..<6, to: log, .synced)
        for seed in 0..<8 as Range<UInt64> {
            let after = try next.withoutPower(seed: seed).openLogInline()
            #expect(try await numbers(after) == [0, 1, 2, 3, 5])
        }
    }

    /// The table of eras is cut: a name that it may have told of is not used again in an era of before.
    @Test func aCutTableOfErasIsFoundOut() async throws {
        let system = FaultInjectingFileSystem()
        do {
            let log = try system.openLogInline()
            try await log.create("s")
            try await append(0..<2, to: log, .synced)
            try await log.delete("s")
        }
        let after = system.crashed()
        let bytes = try #require(after.contents(of: "/log/eras"))
        after.replace("/log/eras", with: Array(bytes.prefix(8)))
        let log = try after.openLogInline()
        await #expect { try await log.create("s") } throws: { error in
            let error = error as? EventLogError
            return error?.code == .corrupt && error?.message.contains("/log/eras, byte 8:") == true
        }
    }

    /// The machine loses its power, and the log's own record is damaged: what may be lost is not taken for whole.
    @Test(arguments: [0, 1, 2])
    func aDamagedRecordOfTheLogBeginsAnEra(_ damage: Int) async throws {
        var system = FaultInjectingFileSystem()
        for round in 0..<2 {
            let log = try system.openLogInline()
            try await log.create("s")
            try await append(round..<round + 1, to: log, .synced)
            if round == 0 { await log.shutDown() } else { try await append(7..<9, to: log, .buffered) }
        }
        system = system.withoutPower(seed: 3)
        var bytes = try #require(system.contents(of: "/log/log"))
        if damage == 2 { bytes = [] } else { bytes[damage * 4096 + 30] ^= 4 }
        system.replace("/log/log", with: bytes)
        let log = try system.openLogInline()
        let found = try await log.info("s").tail
        let last = try await log.append([LogMemory.event(10)], to: "s").last
        #expect(last.era > found.era)
    }

    /// Segments that were begun anew have a generation, without which a fork's own would not count beside those it shares.
    @Test func aForkOfWhatWasPutRightIsWhole() async throws {
        let system = FaultInjectingFileSystem()
        let log = try system.openLogInline()
        _ = try await log.create("s", options: LogStory.segmented)
        try await append(0..<1, to: log, .synced)
        system.fail(FileFailure(.sync, .inputOutput))
        await #expect(throws: EventLogError.self) { try await append(1..<2, to: log, .synced) }
        try await append(2..<22, to: log, .synced)
        _ = try await log.create("f", options: StreamOptions(fork: ForkPoint(source: "s")))
        let after = try system.withoutPower(seed: 1).openLogInline()
        for fork in [log, after] {
            let page = try await fork.read("f", after: .start, limit: PageLimit())
            #expect(page.events.map { LogMemory.number(of: $0.event) } == [0] + Array(2..<22))
        }
    }

    /// A ledger that stands where the index has a place is no record: seed 449 of the simulation.
    @Test func aLedgerIsNotTakenForTheRecordBeforeIt() async throws {
        let system = FaultInjectingFileSystem()
        var last = Offset.start
        for _ in 0..<3 {
            let log = try system.openLogInline()
            try await log.create("s")
            for _ in 0..<3 {
                last = try await log.append([LogMemory.event(1, size: 11_000)], to: "s").last
            }
            await log.shutDown()
        }
        let log = try system.openLogInline()
        for index in 0..<9 as Range<UInt64> {
            let offset = try #require(Offset(era: last.era, index: index))
            let limit = PageLimit(bytes: 1 << 20)
            let page = try await log.read("s", after: index == 0 ? .start : offset, limit: limit)
            #expect(page.events.count == 9 - Int(index))
        }
    }

    /// A segment that is begun anew under the name of one on disk is on disk before it has the name: seed 6973 of the simulation.
    @Test(arguments: 0..<32 as Range<UInt64>)
    func aSegmentBegunAnewIsNeverWithoutItsBeginning(_ seed: UInt64) async throws {
        let system = FaultInjectingFileSystem()
        let log = try system.openLogInline()
        try await log.create("s")
        system.fail(FileFailure(.write, .full))
        await #expect(throws: EventLogError.self) { try await append(0..<1, to: log, .buffered) }
        system.heal()
        try await append(1..<2, to: log, .buffered)
        let after = try system.withoutPower(seed: seed).openLogInline()
        _ = try await after.read("s", after: .start, limit: PageLimit())
        try await append(2..<3, to: after, .synced)
    }

    /// The era that follows a loss could not be synced: it is begun again, and not used as if it were known.
    @Test func anEraThatWasNotSyncedIsNotUsed() async throws {
        let system = FaultInjectingFileSystem()
        do {
            let log = try system.openLogInline()
            try await log.create("s")
            try await append(0..<1, to: log, .synced)
            try await append(1..<9, to: log, .buffered)
        }
        let after = system.withoutPower(seed: 0)
        // Of the opening of the log itself there is one sync; that of the stream's mark fails.
        after.fail(FileFailure(.sync, number: 2, .inputOutput))
        let log = try after.openLogInline()
        await #expect(throws: EventLogError.self) { _ = try await log.info("s") }
        let first = try await log.append([LogMemory.event(20)], to: "s").last
        for seed in 0..<8 as Range<UInt64> {
            let later = try after.withoutPower(seed: seed).openLogInline()
            let second = try await later.append([LogMemory.event(21)], to: "s").last
            #expect(second.era > first.era)
        }
    }
}
