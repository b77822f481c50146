import AgentKit
import DurableLog
import ProgressTracking
import StreamCore
import Synchronization

/// Has pages written: begins them, goes on with them when the server begins anew, and closes their streams when they are done.
final class PageWriter: Sendable {
    let log: any EventLog
    private let runs: AgentRuns
    private let onFailure: @Sendable (StreamID, any Error) -> Void
    private let (queue, newPages) = AsyncStream.makeStream(of: StreamID.self)
    private let open = Mutex<Set<StreamID>>([])

    /// Whose runs write the parts.
    static let agentName = "writer"

    init(log: any EventLog, runs: AgentRuns, onFailure: @escaping @Sendable (StreamID, any Error) -> Void) {
        self.log = log
        self.runs = runs
        self.onFailure = onFailure
    }

    /// How many pages are begun and not done.
    var openPageCount: Int { open.withLock { $0.count } }

    /// Begins a page, and returns when it is in the log, synced: from there on nothing keeps it from being written.
    func begin(brief: String) async throws(EventLogError) -> StreamID {
        let project = StreamID.newPage()
        try await log.create(project)
        _ = try await log.append(
            [PagePlan(brief: brief).event(of: project)], to: project, options: AppendOptions(durability: .synced))
        enqueue(project)
        return project
    }

    /// Goes on with the pages that an earlier process left, and writes those that are begun, until the task is cancelled.
    func run() async throws {
        _ = try await runs.recoverAll()
        for project in try await pages() where try await !log.info(project).isClosed { enqueue(project) }
        await withDiscardingTaskGroup { group in
            for await project in queue {
                group.addTask {
                    defer { self.open.withLock { _ = $0.remove(project) } }
                    do {
                        try await self.write(project)
                    } catch {
                        // A process that ends leaves the page to the next one.
                        let isEnding = Task.isCancelled || (error as? AgentError)?.kind == .draining
                        if !isEnding { self.onFailure(project, error) }
                    }
                }
            }
        }
    }

    /// The streams of all pages, oldest first: their names begin with the time.
    func pages() async throws(EventLogError) -> [StreamID] {
        var pages: [StreamID] = []
        while true {
            let next = try await log.list(prefix: StreamID.pagePrefix, after: pages.last, limit: 256)
            if next.isEmpty { return pages }
            pages += next
        }
    }

    /// What was asked for; nil when the stream is no page's.
    func plan(of project: StreamID) async throws(EventLogError) -> PagePlan? {
        let page = try await log.read(project, after: .start, limit: PageLimit(events: 1))
        return page.events.first.flatMap { PagePlan($0.event) }
    }

    private func enqueue(_ project: StreamID) {
        open.withLock { _ = $0.insert(project) }
        newPages.yield(project)
    }

    private func write(_ project: StreamID) async throws {
        guard let plan = try await plan(of: project) else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [log] in try await QualityReviewer(log: log, stream: project, scorer: PartScorer()).run() }
            // A run that has begun before is not begun again.
            for assignment in PagePlan.assignments {
                let tokens = assignment.part.expectedTokens
                _ = try await runs.start(
                    PageWriter.agentName, AgentInput(assignment.prompt(brief: plan.brief)), id: assignment.agentID,
                    in: RunPlace(
                        project: project, agentID: assignment.agentID, weight: Double(tokens), expectedTokens: tokens))
            }
            var completion = PageCompletion()
            for try await event in log.cursor(over: project) {
                completion.take(event.event)
                if completion.isComplete { break }
            }
            if completion.isComplete { _ = try await log.close(project) }
            // The reviewer ends with its stream.
            try await group.waitForAll()
        }
    }
}

extension StreamID {
    static let pagePrefix = "page-"

    /// A name for a new page, which sorts behind those of older ones and cannot be guessed from them.
    fileprivate static func newPage() -> StreamID {
        let time = String(Timestamp.now().millisecondsSince1970, radix: 36)
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        do throws(StreamIDError) {
            return try StreamID("\(pagePrefix)\(time)-\(random)")
        } catch {
            preconditionFailure("letters and digits make a stream's name: \(error)")
        }
    }
}
