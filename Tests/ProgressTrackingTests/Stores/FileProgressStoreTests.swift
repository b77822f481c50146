import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import Testing

@Suite("Progress in files")
struct FileProgressStoreTests {
    private let folder: TemporaryFolder
    private let directory: String
    private let log = ArrayLog("p")

    init() throws {
        folder = try TemporaryFolder()
        directory = try folder.newPath()
    }

    private var file: String { "\(directory)/p.progress" }

    private func write(_ count: Int, _ random: inout SeededRandom, to store: any ProgressStore) async throws {
        for number in 0..<count {
            let agent = "agent-\(Int.random(in: 0..<3, using: &random))"
            var events = [StreamEvent(random.progress(of: agent, at: Int64(number)))]
            if Bool.random(using: &random) { events.append(StreamEvent(AgentChunk(.content("x")), from: writer)) }
            let last = try await log.append(events, to: "p").last
            try await store.fold(appended: events, last: last, to: "p", of: log)
        }
    }

    private func fold(through offset: Offset) -> ProgressFold {
        let events = log.events("p").filter { $0.offset <= offset }
        var fold = ProgressFold()
        let page = EventPage(events: events, next: offset, isUpToDate: true, isAtEnd: false)
        fold.advance(by: ProgressAdvance(page, after: .start))
        return fold
    }

    // What opens is the fold of the log at an older offset or an error that says so; and after catching up it is the fold.
    private func requireOlderOrCorrupt(_ what: String) async throws {
        let tail = try await log.info("p").tail
        let store = try FileProgressStore(directory: directory)
        do {
            let found = try await store.fold(of: "p")
            #expect(found == fold(through: found.offset), "\(what)")
        } catch {
            #expect(error.code == .corrupt && error.message.contains(file), "\(what): \(error)")
        }
        try await store.catchUp("p", from: log)
        #expect(try await store.fold(of: "p") == fold(through: tail), "\(what)")
    }

    @Test("Cut at every byte: an older state or an error; caught up, the fold")
    func truncated() async throws {
        var random = SeededRandom(seed: 1)
        try await write(3, &random, to: try FileProgressStore(directory: directory))
        let bytes = try TemporaryFolder.read(file)
        for count in 0..<bytes.count {
            try TemporaryFolder.write(Array(bytes[..<count]), to: file)
            try await requireOlderOrCorrupt("cut at \(count)")
        }
    }

    @Test("Every byte damaged: never a wrong state", arguments: [1, 0x80, 0x2A] as [UInt8])
    func flipped(mask: UInt8) async throws {
        var random = SeededRandom(seed: 2)
        try await write(2, &random, to: try FileProgressStore(directory: directory))
        let bytes = try TemporaryFolder.read(file)
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= mask
            try TemporaryFolder.write(damaged, to: file)
            try await requireOlderOrCorrupt("byte \(position) ^ \(mask)")
        }
    }

    @Test("A process that ends anywhere loses nothing", arguments: 0..<20)
    func reopened(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<12 {
            let store = try FileProgressStore(directory: directory, cachedProjects: 1)
            let offset = try await store.offset(of: "p")
            #expect(try await log.info("p").tail.index - offset.index <= 1)
            try await store.catchUp("p", from: log)
            try await write(Int.random(in: 0..<6, using: &random), &random, to: store)
            #expect(try await store.fold(of: "p") == fold(through: try await log.info("p").tail))
            if Bool.random(using: &random) {
                // Appended, and the process ended before it was stored.
                try await log.append([StreamEvent(random.progress(of: "last", at: 0))], to: "p")
            }
        }
    }

    @Test("What a file grows by is bounded by its state")
    func compaction() async throws {
        var random = SeededRandom(seed: 3)
        let store = try FileProgressStore(directory: directory, limits: ProgressLimits(agents: 3, points: 16))
        var largest = 0
        for number in 0..<1000 {
            let events = [StreamEvent(random.progress(of: "agent-\(number % 3)", at: Int64(number)))]
            let last = try await log.append(events, to: "p").last
            try await store.fold(appended: events, last: last, to: "p", of: log)
            if number.isMultiple(of: 50) { largest = max(largest, try TemporaryFolder.read(file).count) }
            log.trim("p", keeping: 3)
        }
        #expect(largest > 30_000 && largest < 100_000)
    }

    @Test("One process writes, others read what it wrote")
    func access() async throws {
        var random = SeededRandom(seed: 4)
        let writer = try FileProgressStore(directory: directory)
        let error = #expect(throws: ProgressError.self) { try FileProgressStore(directory: directory) }
        #expect(error?.code == .locked)
        let reader = try FileProgressStore(directory: directory, access: .readOnly)
        #expect(try await reader.offset(of: "p") == .start)
        for _ in 0..<10 {
            try await write(2, &random, to: writer)
            let written = try await writer.fold(of: "p")
            #expect(try await reader.fold(of: "p") == written)
        }
        let refusal = await #expect(throws: ProgressError.self) { try await reader.reset("p") }
        #expect(refusal?.code == .unavailable)
        await #expect(throws: ProgressError.self) {
            try await reader.advance("p", by: ProgressAdvance(after: .start, through: .start, records: []))
        }
        try await writer.reset("p")
        #expect(try await reader.offset(of: "p") == .start)
    }

    @Test("Hundreds of projects leave no file open, and few in memory")
    func manyProjects() async throws {
        let store = try FileProgressStore(directory: directory, cachedProjects: 3)
        let before = ProcessFigures.openDescriptors
        var random = SeededRandom(seed: 5)
        let steps = random.progressSteps(3, agents: 2)
        let names = try (0..<300).map { try StreamID("project/\($0)") }
        for step in steps { for name in names { try await store.advance(name, by: step) } }
        // Other tests run beside.
        #expect(ProcessFigures.openDescriptors < before + 100)
        for name in names { #expect(try await store.offset(of: name) == steps.last?.through) }
    }

    @Test("A version of the file that is not known is an error, and is built anew")
    func version() async throws {
        var random = SeededRandom(seed: 6)
        try await write(2, &random, to: try FileProgressStore(directory: directory))
        let text = #"""
            {"progressVersion":2,"offset":"000000000000000","unreadable":0,"maxAgents":5,"maxPoints":16,"agents":0}
            """#
        let digits = String(CRC32C(of: Array(text.utf8)).value, radix: 16)
        let line = String(repeating: "0", count: 8 - digits.count) + digits + " " + text + "\n"
        try TemporaryFolder.write(Array(line.utf8), to: file)
        let store = try FileProgressStore(directory: directory)
        let error = await #expect(throws: ProgressError.self) { try await store.fold(of: "p") }
        #expect(error?.code == .corrupt && error?.message.contains("version 2") == true)
        try await store.catchUp("p", from: log)
        let tail = try await log.info("p").tail
        #expect(try await store.offset(of: "p") == tail)
    }
}
