import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder that is gone after the test.
private func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/checkpoints-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { remove(folder: path) }
    return try await body(path)
}

private func names(in folder: String) -> [String] {
    guard let listing = opendir(folder) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

private func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
}

/// Makes an empty file.
private func touch(_ path: String) throws {
    let file = creat(path, 0o600)
    try #require(file >= 0)
    close(file)
}

private func bytes(of file: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = pread(file, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
}

private func remove(folder: String) {
    for name in names(in: folder) {
        if unlink("\(folder)/\(name)") != 0 { remove(folder: "\(folder)/\(name)") }
    }
    rmdir(folder)
}

@Suite struct CheckpointStoreTests {
    private let now = Timestamp(millisecondsSince1970: 1_767_225_600_000)
    private let later = Timestamp(millisecondsSince1970: 1_767_225_601_500)

    private func key(_ run: String = "run", _ stream: StreamID = "s") -> Checkpoint.Key {
        Checkpoint.Key(stream: stream, run: run)
    }

    @Test(arguments: CheckpointStoreCompliance.checks)
    func memoryComplies(check: CheckpointStoreCompliance.Check) async throws {
        try await check.run(on: CheckpointStoreCompliance.Subject(MemoryCheckpointStore(), limit: 64 << 20))
    }

    @Test(arguments: CheckpointStoreCompliance.checks, [FileCheckpointStore.Durability.buffered, .synced])
    func filesComply(
        check: CheckpointStoreCompliance.Check, durability: FileCheckpointStore.Durability
    ) async throws {
        try await withFolder { folder in
            let open = { @Sendable () throws(CheckpointStoreError) in
                try FileCheckpointStore(directory: "\(folder)/deep/er", durability: durability, maxBytes: 2 << 20)
            }
            try await check.run(
                on: CheckpointStoreCompliance.Subject(try open(), limit: 2 << 20, reopen: { try open() }))
        }
    }

    @Test(arguments: CheckpointStoreCompliance.checks)
    func memoryBeforeFilesComplies(check: CheckpointStoreCompliance.Check) async throws {
        try await withFolder { folder in
            let files = try FileCheckpointStore(directory: folder)
            try await check.run(
                on: CheckpointStoreCompliance.Subject(LayeredCheckpointStore(store: files), reopen: { files }))
        }
    }

    @Test func theSuiteFindsStoresThatBreakTheirPromises() async throws {
        for fault in FaultyStore.Fault.allCases {
            await #expect(throws: ComplianceReport.self, "\(fault)") {
                try await CheckpointStoreCompliance.run(on: FaultyStore(fault: fault))
            }
        }
        try await CheckpointStoreCompliance.run(on: MemoryCheckpointStore())
    }

    @Test func memoryMakesRoomForTheNewest() throws {
        let store = MemoryCheckpointStore(byteLimit: 1000)
        for number in 0..<100 {
            try store.write([UInt8](repeating: 1, count: 300), for: key("\(number)"), expiresAt: later)
            // Written again and again, so that it is never the oldest.
            try store.write([2], for: key("kept"), expiresAt: later)
        }
        #expect(store.count == 4 && store.read(key("99")) != nil && store.read(key("96")) == nil)
        #expect(store.read(key("kept")) == [2])
        store.removeExpired(at: now)
        #expect(store.count == 4)
        store.removeExpired(at: later)
        #expect(store.count == 0)
    }

    @Test func filesAreTheOwnersAndNoneIsLeftBehind() async throws {
        try await withFolder { folder in
            do {
                let store = try FileCheckpointStore(directory: folder)
                for _ in 0..<5 { try await store.write([1, 2], for: key("Run/1"), expiresAt: later) }
                #expect(names(in: folder).filter { !$0.hasPrefix(".") } == ["s"])
                #expect(names(in: "\(folder)/s") == ["!52un!2f1.checkpoint"])
                #expect(status(of: "\(folder)/s/!52un!2f1.checkpoint")?.st_mode == S_IFREG | 0o600)
                try await store.remove(key("Run/1"))
                #expect(names(in: "\(folder)/s").isEmpty)
            }
            #expect(names(in: folder) == ["s"], "files without a name stay behind their store")
        }
    }

    @Test func expiredFilesAndThoseOfCrashedWritesAreSwept() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            try await store.write([1], for: key("old"), expiresAt: now)
            try await store.write([2], for: key("new"), expiresAt: later)
            try await store.write([3], for: key("other", "a/b"), expiresAt: now)
            try touch("\(folder)/.1-1.tmp")
            try touch("\(folder)/notes.txt")
            #expect(try await store.removeExpired(at: now) == 2)
            let (old, new) = (try await store.read(key("old")), try await store.read(key("new")))
            #expect(old == nil && new == [2])
            // Its age is that of the machine's clock, which is not now's.
            #expect(names(in: folder) == [".1-1.tmp", "notes.txt", "s"])
            let farFuture = Timestamp(millisecondsSince1970: 9_000_000_000_000)
            try await store.removeExpired(at: farFuture)
            #expect(names(in: folder) == ["notes.txt"])
        }
    }

    @Test func failuresOfTheSystemSayWhereAndWhat() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            try touch("\(folder)/s")
            let error = await #expect(throws: CheckpointStoreError.self) {
                try await store.write([1], for: key(), expiresAt: later)
            }
            #expect(error?.code == .storage && error?.message.contains("\(folder)/s") == true)
            #expect(names(in: folder) == ["s"])
            let long = await #expect(throws: CheckpointStoreError.self) {
                _ = try await store.read(key(String(repeating: "É", count: 60)))
            }
            #expect(long?.code == .invalidKey)
            #expect(throws: CheckpointStoreError.self) { try FileCheckpointStore(directory: "\(folder)/s/x") }
        }
    }

    #if os(Linux)
        // Elsewhere a file system may not be able to exchange names.
        @Test func filesAreWrittenOverInTurn() async throws {
            try await withFolder { folder in
                let store = try FileCheckpointStore(directory: folder)
                var files: [UInt64] = []
                for number in 0..<6 {
                    // Shorter and longer ones in turn.
                    let record = [UInt8](repeating: UInt8(number), count: number % 2 == 0 ? 9000 : 10)
                    try await store.write(record, for: key("\(number % 3)"), expiresAt: later)
                    #expect(try await store.read(key("\(number % 3)")) == record)
                    files.append(UInt64(try #require(status(of: "\(folder)/s/\(number % 3).checkpoint")).st_ino))
                }
                // Three files for three runs, and one that goes from hand to hand.
                #expect(Set(files).count == 4)
            }
        }
    #endif

    @Test func whatSomebodyReadsOrHasUnderAnotherNameIsNotWrittenOver() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            let path = "\(folder)/s/run.checkpoint"
            let first = [UInt8](repeating: 1, count: 5000)
            try await store.write(first, for: key(), expiresAt: later)
            let reader = open(path, O_RDONLY)
            defer { close(reader) }
            #expect(flock(reader, LOCK_SH | LOCK_NB) == 0)
            let second = [UInt8](repeating: 2, count: 5000)
            try await store.write(second, for: key(), expiresAt: later)
            #expect(link(path, "\(folder)/backup") == 0)
            for number in 3..<9 {
                let record = [UInt8](repeating: UInt8(number), count: 6000)
                try await store.write(record, for: key(), expiresAt: later)
                #expect(try await store.read(key()) == record)
            }
            #expect(bytes(of: reader) == first)
            let backup = open("\(folder)/backup", O_RDONLY)
            defer { close(backup) }
            #expect(bytes(of: backup) == second)
        }
    }

    @Test func whatIsSweptOrInTheWayIsMadeAnew() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            for number in UInt8(0)..<20 {
                try await store.write([number], for: key(), expiresAt: later)
                // Another process sweeps, and removes what is empty; somebody makes something else of the file.
                for name in names(in: folder) where name.hasPrefix(".") {
                    #expect(unlink("\(folder)/\(name)") == 0 || rmdir("\(folder)/\(name)") == 0)
                    if number % 3 == 0 { #expect(symlink("/dev/full", "\(folder)/\(name)") == 0) }
                    if number % 3 == 1 { #expect(mkdir("\(folder)/\(name)", 0o700) == 0) }
                }
                if number % 4 == 0 { remove(folder: "\(folder)/s") }
                try await store.write([number, number], for: key(), expiresAt: later)
                #expect(try await store.read(key()) == [number, number])
            }
        }
    }

    @Test func aFolderInARecordsPlaceStaysAndIsTold() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            try await store.write([1], for: key("other"), expiresAt: later)
            try await store.write([1], for: key("other"), expiresAt: later)
            let path = "\(folder)/s/run.checkpoint"
            #expect(mkdir(path, 0o700) == 0)
            try touch("\(path)/kept")
            for _ in 0..<2 {
                let error = await #expect(throws: CheckpointStoreError.self) {
                    try await store.write([2], for: key(), expiresAt: later)
                }
                #expect(error?.code == .storage && error?.message.contains(path) == true)
            }
            #expect(names(in: path) == ["kept"])
            #expect(names(in: folder) == ["s"])
        }
    }

    @Test func whatOthersMayUseIsNotWrittenOver() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            let paths = ["a", "b", "c"].map { "\(folder)/s/\($0).checkpoint" }
            try await store.write([1], for: key("a"), expiresAt: later)
            #expect(chmod(paths[0], 0o644) == 0)
            try await store.write([2], for: key("a"), expiresAt: later)
            try await store.write([3], for: key("b"), expiresAt: later)
            #expect(mkfifo(paths[2], 0o600) == 0)
            // The pipe goes out of the way, and nobody waits for its other end.
            for _ in 0..<2 { try await store.write([4], for: key("c"), expiresAt: later) }
            for path in paths { #expect(status(of: path)?.st_mode == S_IFREG | 0o600) }
        }
    }

    @Test func aSweepGoesOnPastWhatCannotBeRemoved() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            #expect(mkdir("\(folder)/.0.tmp", 0o700) == 0)
            try await store.write([1], for: key(), expiresAt: now)
            #expect(try await store.removeExpired(at: Timestamp(millisecondsSince1970: 9_000_000_000_000)) == 1)
            #expect(names(in: folder) == [".0.tmp"])
        }
    }

    @Test func aRemovedRunLeavesNoOlderRecord() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            for number in UInt8(0)..<3 { try await store.write([number], for: key(), expiresAt: later) }
            try await store.remove(key())
            #expect(names(in: folder) == ["s"] && names(in: "\(folder)/s").isEmpty)
        }
    }

    @Test func aFileThatIsLockedForGoodIsRead() async throws {
        try await withFolder { folder in
            let store = try FileCheckpointStore(directory: folder)
            try await store.write([7], for: key(), expiresAt: later)
            let other = open("\(folder)/s/run.checkpoint", O_RDONLY)
            defer { close(other) }
            #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
            #expect(try await store.read(key()) == [7])
        }
    }

    @Test func storesThatWriteTheSameRunLeaveWholeRecords() async throws {
        try await withFolder { folder in
            let sizes = [10, 70_000, 300, 9000]
            try await FileCheckpointStore(directory: folder).write([], for: key(), expiresAt: later)
            // Each store has files of its own to write over, as each process has.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    group.addTask {
                        let store = try FileCheckpointStore(directory: folder)
                        for round in 0..<200 {
                            let kind = (writer + round) % sizes.count
                            let record = [UInt8](repeating: UInt8(kind), count: sizes[kind])
                            try await store.write(record, for: key(), expiresAt: later)
                        }
                    }
                    group.addTask {
                        let store = try FileCheckpointStore(directory: folder)
                        for _ in 0..<400 {
                            let record = try #require(try await store.read(key()))
                            guard let kind = record.first else { continue }
                            #expect(record.count == sizes[Int(kind)] && record.allSatisfy { $0 == kind })
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func whatMemoryForgetsTheStoreStillHas() async throws {
        let (memory, store) = (MemoryCheckpointStore(byteLimit: 100), MemoryCheckpointStore())
        let layered = LayeredCheckpointStore(memory: memory, store: store)
        let small = [UInt8](repeating: 1, count: 10)
        let large = [UInt8](repeating: 2, count: 200)
        try await layered.write(small, for: key(), expiresAt: later)
        #expect(memory.read(key()) == small && store.read(key()) == small)
        memory.remove(key())
        #expect(try await layered.read(key()) == small)
        // Too large for the memory: an older record must not stay there.
        try await layered.write(small, for: key(), expiresAt: later)
        try await layered.write(large, for: key(), expiresAt: later)
        #expect(try await layered.read(key()) == large)
    }
}

/// A store that breaks one promise.
private struct FaultyStore: CheckpointStore {
    enum Fault: CaseIterable {
        case forgetsNewer, truncates, ignoresCase, ignoresRun, resurrects, flips
    }

    let fault: Fault
    let inner = MemoryCheckpointStore()
    let graveyard = MemoryCheckpointStore()

    private func mapped(_ key: Checkpoint.Key) -> Checkpoint.Key {
        switch fault {
        case .ignoresCase: Checkpoint.Key(stream: key.stream, run: key.run.lowercased())
        case .ignoresRun: Checkpoint.Key(stream: key.stream, run: "")
        default: key
        }
    }

    func write(_ record: [UInt8], for key: Checkpoint.Key, expiresAt: Timestamp) throws(CheckpointStoreError) {
        let key = mapped(key)
        if fault == .forgetsNewer, inner.read(key) != nil { return }
        if fault == .resurrects, let older = inner.read(key) {
            try graveyard.write(older, for: key, expiresAt: expiresAt)
        }
        var record = record
        if fault == .truncates, record.count > 60_000 { record.removeLast() }
        if fault == .flips, record.count == 4096 { record[17] ^= 4 }
        try inner.write(record, for: key, expiresAt: expiresAt)
    }

    func read(_ key: Checkpoint.Key) -> [UInt8]? {
        inner.read(mapped(key)) ?? (fault == .resurrects ? graveyard.read(key) : nil)
    }

    func remove(_ key: Checkpoint.Key) {
        inner.remove(mapped(key))
    }
}
