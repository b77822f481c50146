import AgentKitTesting
import StreamCore
import Synchronization
import Testing

@testable import DurableLog

/// What may still be taken back is not seen by other processes.
@Suite struct HeldFramesTests {
    /// What a reader that looks into the files at this moment sees of the stream.
    private static func seen(in system: any FileSystem) -> [String] {
        let cache = SegmentFileCache(capacity: 8, system: system)
        guard let follower = try? StreamFollower.open("s", in: LogFolder(path: "/log").stream("s"), cache),
            let page = try? follower.view.page(after: .start, limit: PageLimit(), files: cache)
        else { return ["nothing can be read"] }
        return page.events.map { String(decoding: $0.event.payload, as: UTF8.self) }
    }

    private func event(_ text: String) -> [StreamEvent] { [StreamEvent(type: .content, payload: Array(text.utf8))] }

    @Test func aSyncedEventIsSeenOnlyOnceItIsSynced() async throws {
        let system = ObservedFileSystem(FaultInjectingFileSystem())
        let log = try FileEventLog(directory: "/log", options: FileLogOptions(), system: system)
        try await log.create("s")
        try await log.append(event("1"), to: "s")
        let during = Mutex<[[String]]>([])
        system.beforeSync { during.withLock { $0.append(HeldFramesTests.seen(in: system)) } }
        _ = try await log.append(event("2"), to: "s", options: AppendOptions(durability: .synced))
        system.beforeSync(nil)
        #expect(during.withLock { $0 }.allSatisfy { $0 == ["1"] })
        #expect(!during.withLock { $0 }.isEmpty)
        #expect(HeldFramesTests.seen(in: system) == ["1", "2"])
        await log.shutDown()
    }

    /// A buffered event that shares a commit with a synced one goes with it when the sync fails; one that was seen before does not.
    @Test func whatAFailedSyncTakesBackWasNeverSeen() async throws {
        let disk = FaultInjectingFileSystem()
        let system = ObservedFileSystem(disk)
        let log = try FileEventLog(directory: "/log", options: FileLogOptions(), system: system)
        try await log.create("s")
        try await log.append(event("1"), to: "s")
        let during = Mutex<[[String]]>([])
        let isFirst = Atomic(true)
        let joined = Mutex<Task<Void, any Error>?>(nil)
        system.beforeSync {
            during.withLock { $0.append(HeldFramesTests.seen(in: system)) }
            guard isFirst.exchange(false, ordering: .relaxed) else { return }
            // While the first commit syncs, two more gather: one commit, which fails.
            joined.withLock { task in
                task = Task {
                    async let buffered = log.append(event("3"), to: "s")
                    async let synced = log.append(event("4"), to: "s", options: AppendOptions(durability: .synced))
                    _ = try? await (buffered, synced)
                }
            }
        }
        _ = try await log.append(event("2"), to: "s", options: AppendOptions(durability: .synced))
        try await joined.withLock { $0 }?.value
        // In whatever commits they were: the next sync fails with a buffered event before it.
        disk.fail(FileFailure(.sync, .inputOutput))
        await #expect(throws: EventLogError.self) {
            _ = try await log.append(event("lost"), to: "s", options: AppendOptions(durability: .synced))
        }
        try await log.append(event("5"), to: "s")
        system.beforeSync(nil)
        #expect(during.withLock { $0 }.allSatisfy { !$0.contains("lost") })
        let own = try await log.read("s", after: .start, limit: PageLimit()).events.map {
            String(decoding: $0.event.payload, as: UTF8.self)
        }
        #expect(HeldFramesTests.seen(in: system) == own)
        #expect(own.first == "1" && own.last == "5" && !own.contains("lost"))
        await log.shutDown()
    }

    /// A frame of a group counts as long as it is not known to be taken back, whatever stands in the file.
    @Test func framesOfAGroupWaitForTheMark() async throws {
        let system = FaultInjectingFileSystem()
        let log = try system.openLog()
        try await log.create("s")
        try await log.append(event("1"), to: "s")
        let folder = LogFolder(path: "/log").stream("s")
        let name = try #require(try SegmentName.list(in: folder, system).last)
        let segment = try SegmentFile(name, in: folder, of: system)
        var scan = SegmentScan(end: segment.header.size, nextOrdinal: 1, syncedOrdinal: 0)
        try scan.run(segment.file, salt: segment.header.salt) { _, _, _ in }
        func write(_ ordinal: UInt64, _ flags: FrameHeader.Flags, synced: UInt64, _ text: String) throws {
            var bytes: [UInt8] = []
            let content = FrameContent(
                ordinal: ordinal, syncedOrdinal: synced, timestamp: Timestamp(millisecondsSince1970: 1),
                before: try #require(Offset(era: 0, index: ordinal - 1)), era: 0, flags: flags, events: event(text))
            content.append(to: &bytes, salt: segment.header.salt)
            let file = try OpenFile("\(folder)/\(name.fileName)", .write, in: system)
            try file.write(bytes, at: scan.end)
            scan.end += bytes.count
        }
        try write(2, .held, synced: 0, "2")
        #expect(HeldFramesTests.seen(in: system) == ["1"])
        try write(3, [], synced: 0, "3")
        #expect(HeldFramesTests.seen(in: system) == ["1"])
        // A later frame says that the second one is synced.
        try write(4, .held, synced: 2, "4")
        #expect(HeldFramesTests.seen(in: system) == ["1", "2", "3"])
    }
}
