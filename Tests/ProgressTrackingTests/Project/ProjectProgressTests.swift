import ProgressTracking
import StreamCore
import Testing

@Suite("A project as a whole")
struct ProjectProgressTests {
    private func agent(
        _ id: String, _ status: ProgressStatus, _ percentage: Double, weight: Double = 1, tokens: Int = 0,
        cost: Cost? = nil, remaining: Int? = nil, updated: Int64 = 0
    ) -> AgentProgress {
        AgentProgress(
            origin: ChunkOrigin(projectID: "p", agentID: id, runID: ""), status: status, percentage: percentage,
            estimatedTimeRemaining: remaining.map {
                TimeEstimate(.seconds($0), low: .seconds($0 / 2), high: .seconds($0 * 2))
            }, tokensUsed: tokens, cost: cost, weight: weight, lastUpdated: at(updated))
    }

    @Test("Percentages count by weight; a cancelled agent's work is none")
    func percentage() {
        #expect(ProjectProgress([]).percentage == 0)
        #expect(ProjectProgress([agent("a", .running, 50), agent("b", .queued, 0)]).percentage == 25)
        #expect(ProjectProgress([agent("a", .running, 50, weight: 3), agent("b", .queued, 10)]).percentage == 40)
        #expect(ProjectProgress([agent("a", .completed, 100), agent("b", .cancelled, 10)]).percentage == 100)
        #expect(ProjectProgress([agent("a", .completed, 100), agent("b", .failed, 10)]).percentage == 55)
        #expect(ProjectProgress([agent("a", .running, 50, weight: 0)]).percentage == 0)
    }

    @Test(
        "The status says what is left, or how it ended",
        arguments: [
            ([], ProgressStatus.queued), ([.queued, .queued], .queued), ([.queued, .completed], .running),
            ([.running, .failed], .running), ([.paused, .completed], .paused), ([.waiting, .queued], .running),
            ([.completed, .completed], .completed), ([.completed, .cancelled], .completed),
            ([.completed, .failed], .failed), ([.cancelled, .cancelled], .cancelled),
        ] as [([ProgressStatus], ProgressStatus)])
    func status(agents: [ProgressStatus], expected: ProgressStatus) {
        let project = ProjectProgress(agents.enumerated().map { agent("\($0.offset)", $0.element, 10) })
        #expect(project.status == expected)
        #expect(project.statuses.values.reduce(0, +) == agents.count)
    }

    @Test("Tokens and costs add up; a cost that is not known is not 0")
    func totals() {
        let known = ProjectProgress([
            agent("a", .running, 1, tokens: 5, cost: 0.5), agent("b", .running, 1, tokens: 6, cost: 1),
        ])
        #expect(known.tokensUsed == 11 && known.cost == 1.5 && !known.isCostPartial)
        let partial = ProjectProgress([
            agent("a", .running, 1, tokens: 5, cost: 0.5), agent("b", .running, 1, tokens: 6),
        ])
        #expect(partial.cost == 0.5 && partial.isCostPartial)
        let unknown = ProjectProgress([agent("b", .running, 1, tokens: 6)])
        #expect(unknown.cost == nil && unknown.isCostPartial)
        let many = ProjectProgress([agent("a", .running, 1, tokens: .max), agent("b", .running, 1, tokens: 9)])
        #expect(many.tokensUsed == .max)
    }

    @Test("The slowest agent decides when it is done; without an estimate of each there is none")
    func completion() throws {
        let agents = [
            agent("a", .running, 50, remaining: 10, updated: 1000),
            agent("b", .running, 50, remaining: 8, updated: 5000), agent("c", .completed, 100, remaining: 0),
        ]
        let project = ProjectProgress(agents)
        let estimate = try #require(project.estimatedCompletion)
        #expect(estimate.expected == at(13_000) && estimate.low == at(9000) && estimate.high == at(21_000))
        let rest = try #require(project.estimatedTimeRemaining(at: at(10_000)))
        #expect(rest.expected == .seconds(3) && rest.low == .zero && rest.high == .seconds(11))
        #expect(ProjectProgress(agents + [agent("d", .queued, 0)]).estimatedCompletion == nil)
        #expect(ProjectProgress([agent("c", .completed, 100)]).estimatedCompletion == nil)
        #expect(project.lastUpdated == at(5000))
        // Times at the ends of the world trap nowhere.
        let odd = ProjectProgress([agent("a", .running, 5, remaining: 9, updated: .max)])
        #expect(odd.estimatedTimeRemaining(at: at(.min))?.expected == TimeEstimate.longest)
        #expect(odd.estimatedTimeRemaining(at: at(.max))?.expected == .zero)
    }

    @Test("The JSON form is as documented")
    func json() {
        let project = ProjectProgress([
            agent("a", .running, 50, tokens: 5, cost: 0.5, remaining: 10, updated: 1000),
            agent("b", .completed, 100, tokens: 1),
        ])
        let agents = project.agents.map(\.jsonString).joined(separator: ",")
        #expect(
            project.jsonString == #"""
                {"overall":75.0,"status":"running","statuses":{"completed":1,"running":1},"tokensUsed":6,"cost":0.5,\#
                "costPartial":true,"estimatedCompletion":11000,"estimatedCompletionRange":{"low":6000,"high":21000},\#
                "lastUpdated":1000,"agents":[\#(agents)]}
                """#)
        #expect(
            ProjectProgress([]).jsonString
                == #"{"overall":0.0,"status":"queued","statuses":{},"tokensUsed":0,"agents":[]}"#)
    }
}
