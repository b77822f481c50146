import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
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
