import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import Synchronization
import Testing

@Suite("Progress stores")
struct ProgressStoreTests {
    @Test("Memory", arguments: ProgressStoreCompliance.checks)
    func memory(check: ProgressStoreCompliance.Check) async throws {
        try await check.run { MemoryProgressStore() }
    }

    @Test("Memory with narrow limits", arguments: ProgressStoreCompliance.checks)
    func narrow(check: ProgressStoreCompliance.Check) async throws {
        try await check.run { MemoryProgressStore(limits: ProgressLimits(agents: 2, points: 16)) }
    }

    @Test("Files", arguments: ProgressStoreCompliance.checks)
    func files(check: ProgressStoreCompliance.Check) async throws {
        let folder = try TemporaryFolder()
        try await check.run {
            try FileProgressStore(directory: folder.newPath(), cachedProjects: 2)
        } reopen: { store in
            try FileProgressStore(directory: (store as? FileProgressStore)?.directory ?? "", access: .readOnly)
        }
    }

    // But for the check with many writers: here they would all wait for one lock, asking again and again.
    @Test(
        "Files, nothing held in memory",
        arguments: ProgressStoreCompliance.checks.filter { !$0.name.hasPrefix("many at once") })
    func coldFiles(check: ProgressStoreCompliance.Check) async throws {
        let folder = try TemporaryFolder()
        try await check.run { ColdStore(directory: try folder.newPath()) }
    }

    @Test("The suite finds a store that breaks its promises")
    func suite() async throws {
        let report = await #expect(throws: ComplianceReport.self) {
            try await ProgressStoreCompliance.run { ForgetfulStore() }
        }
        #expect(report?.violations.count == ProgressStoreCompliance.checks.count - 1)
        #expect(Set(ProgressStoreCompliance.checks.map(\.name)).count == ProgressStoreCompliance.checks.count)
    }

    @Test("A batch is folded without the log where the stretch before it is known to be quiet, and nowhere else")
    func quiet() async throws {
        let log = ArrayLog("p")
        let store = MemoryProgressStore()
        let chunk = StreamEvent(AgentChunk(.content("x")), from: writer)
        func record(_ agent: String, _ percentage: Double) -> AgentProgress {
            AgentProgress(
                origin: ChunkOrigin(projectID: "p", agentID: agent, runID: ""), percentage: percentage,
                lastUpdated: at(0))
        }
        func say(_ percentage: Double, quietSince quiet: Offset?) async throws -> Offset {
            let batch = [chunk, StreamEvent(record("a", percentage))]
            let last = try await log.append(batch, to: "p").last
            let folded = try await store.fold(appended: batch, last: last, to: "p", of: log, quietSince: quiet)
            #expect(folded >= last)
            return last
        }
        let first = try await say(1, quietSince: nil)
        #expect(log.state.withLock { $0.reads } == 0)
        try await log.append([chunk, chunk, chunk], to: "p")
        let second = try await say(2, quietSince: first)
        #expect(log.state.withLock { $0.reads } == 0)
        #expect(try await store.record(of: "a", in: "p")?.percentage == 2)
        // Somebody else's record stands before what is quiet: the store has not seen it.
        try await log.append([chunk, StreamEvent(record("b", 3))], to: "p")
        let quiet = try await log.append([chunk], to: "p").last
        _ = try await say(4, quietSince: quiet)
        #expect(log.state.withLock { $0.reads } > 0)
        #expect(try await store.record(of: "b", in: "p")?.percentage == 3)
        // What is no place before the batch counts as the batch's beginning.
        let step = ProgressAdvance(appended: [chunk], last: second, quietSince: Offset(era: 7, index: 900))
        #expect(step.after.index == second.index - 1 && step.through == second)
        let whole = MemoryProgressStore()
        try await whole.catchUp("p", from: log)
        #expect(try await whole.fold(of: "p") == store.fold(of: "p"))
    }

    @Test("Catching up reads on, a gap and a lost tail build anew")
    func catchUp() async throws {
        let log = ArrayLog("p")
        let store = MemoryProgressStore()
        func say(_ agent: String) async throws {
            let record = AgentProgress(
                origin: ChunkOrigin(projectID: "p", agentID: agent, runID: ""), lastUpdated: at(0))
            try await log.append([StreamEvent(record)], to: "p")
        }
        for number in 0..<20 { try await say("agent-\(number)") }
        #expect(try await store.catchUp("p", from: log).index == 20)
        #expect(try await store.project("p").agents.count == 20)
        try await say("new")
        #expect(try await store.catchUp("p", from: log).index == 21)
        #expect(try await store.catchUp("p", from: log).index == 21)
        // The store stands where nothing is kept any more.
        for number in 20..<30 { try await say("agent-\(number)") }
        log.trim("p", keeping: 4)
        try await store.catchUp("p", from: log)
        #expect(
            try await store.project("p").agents.map(\.agentID) == ["agent-26", "agent-27", "agent-28", "agent-29"])
        // The store has seen what the log lost.
        log.lose("p", 2)
        try await say("after")
        try await store.catchUp("p", from: log)
        #expect(try await store.project("p").agents.map(\.agentID) == ["after", "agent-26", "agent-27"])
        #expect(try await store.offset(of: "p").era == 1)
        let error = await #expect(throws: ProgressError.self) { try await store.catchUp("none", from: log) }
        #expect(error?.code == .log && (error?.underlying as? EventLogError)?.code == .notFound)
    }
}

/// Keeps nothing of what it is told.
private struct ForgetfulStore: ProgressStore {
    func fold(of project: StreamID) async throws(ProgressError) -> ProgressFold { ProgressFold() }
    func advance(_ project: StreamID, by step: ProgressAdvance) async throws(ProgressError) -> Offset { .start }
    func reset(_ project: StreamID) async throws(ProgressError) {}
}

/// Opens its files anew for every call.
private struct ColdStore: ProgressStore {
    let directory: String

    private func open(_ access: FileProgressStore.Access) throws(ProgressError) -> FileProgressStore {
        try FileProgressStore(directory: directory, access: access)
    }

    func fold(of project: StreamID) async throws(ProgressError) -> ProgressFold {
        try await open(.readOnly).fold(of: project)
    }
    func advance(_ project: StreamID, by step: ProgressAdvance) async throws(ProgressError) -> Offset {
        try await open(.readWrite).advance(project, by: step)
    }
    func reset(_ project: StreamID) async throws(ProgressError) {
        try await open(.readWrite).reset(project)
    }
}
