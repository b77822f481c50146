/// How much a store keeps of a project.
///
/// The limits are part of the law by which a log becomes a state: two stores are equal at an offset when their limits are.
public struct ProgressLimits: Sendable, Hashable {
    /// The most agents, at least 1; beyond them those go first that ended, and of these the ones that said nothing for longest.
    public let agents: Int
    /// The most points of an agent's history, at least 16; a history that is full is thinned to half.
    public let points: Int

    /// Limits from their parts, brought into range: up to 100,000 agents and 1,000,000 points.
    public init(agents: Int = 1000, points: Int = 1024) {
        self.agents = min(100_000, max(1, agents))
        self.points = min(1_000_000, max(16, points))
    }
}
