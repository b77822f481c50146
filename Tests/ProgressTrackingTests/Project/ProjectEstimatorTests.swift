import ProgressTracking
import StreamCore
import Testing

@Suite struct ProjectEstimatorTests {
    private static func project(_ percentages: [Double], status: ProgressStatus? = nil) -> ProjectProgress {
        ProjectProgress(
            percentages.enumerated().map { index, percentage in
                let own: ProgressStatus = percentage >= 100 ? .completed : percentage > 0 ? .running : .queued
                return AgentProgress(
                    origin: ChunkOrigin(projectID: "p", agentID: "a\(index)", runID: "r"), status: status ?? own,
                    percentage: percentage, lastUpdated: Timestamp(millisecondsSince1970: 0))
            })
    }

    /// Two agents, the second of which waits for the first: no estimate of its own, but the whole has a pace.
    @Test func agentsAfterOneAnotherHaveAnEstimateAsAWhole() throws {
        var estimator = ProjectEstimator()
        for second in 1...10 {
            let project = Self.project([Double(second) * 10, 0])
            estimator.update(project, at: .seconds(second))
            #expect(project.estimatedCompletion == nil)
        }
        let estimate = try #require(estimator.estimate(at: .seconds(10)))
        #expect(estimate.expected > .seconds(9) && estimate.expected < .seconds(11))
        #expect(estimate.low < estimate.expected && estimate.expected < estimate.high)
        for second in 11...20 { estimator.update(Self.project([100, Double(second - 10) * 10]), at: .seconds(second)) }
        #expect(estimator.estimate(at: .seconds(20)) == nil)
    }

    @Test func thereIsNoneWithoutEvidence() {
        var estimator = ProjectEstimator()
        #expect(estimator.estimate(at: .seconds(1)) == nil)
        estimator.update(Self.project([0, 0]), at: .seconds(2))
        estimator.update(Self.project([20, 0]), at: .seconds(3))
        #expect(estimator.estimate(at: .seconds(3)) == nil)
    }

    @Test func timeAtRestDoesNotCount() throws {
        var estimator = ProjectEstimator()
        for second in 1...5 { estimator.update(Self.project([Double(second) * 10]), at: .seconds(second)) }
        let before = try #require(estimator.estimate(at: .seconds(5)))
        estimator.update(Self.project([50], status: .paused), at: .seconds(5))
        #expect(estimator.estimate(at: .seconds(3605)) == before)
    }

    @Test func anAgentThatStartsAnewIsMeasuredAnew() throws {
        var estimator = ProjectEstimator()
        for second in 1...5 { estimator.update(Self.project([Double(second) * 10]), at: .seconds(second)) }
        estimator.update(Self.project([0.5]), at: .seconds(6))
        #expect(estimator.estimate(at: .seconds(6)) == nil)
        for second in 7...12 { estimator.update(Self.project([Double(second - 6) * 5]), at: .seconds(second)) }
        let estimate = try #require(estimator.estimate(at: .seconds(12)))
        #expect(estimate.expected > .seconds(12) && estimate.expected < .seconds(16))
    }
}
