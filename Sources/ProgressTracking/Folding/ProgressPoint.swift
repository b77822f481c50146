public import StreamCore

/// One point of an agent's history.
public struct ProgressPoint: Sendable, Hashable {
    /// The place of the event that it comes from.
    public let offset: Offset
    /// When the agent said it.
    public let timestamp: Timestamp
    /// The attempt, counted from 1.
    public let attempt: Int
    /// Where the agent stood.
    public let status: ProgressStatus
    /// How much was done, 0 … 100.
    public let percentage: Double
    /// Tokens used until then.
    public let tokensUsed: Int
    /// What they cost, where the price was known.
    public let cost: Cost?

    init(_ logged: LoggedProgress) {
        let record = logged.record
        self.init(
            offset: logged.offset, timestamp: record.lastUpdated, attempt: record.attempt, status: record.status,
            percentage: record.percentage, tokensUsed: record.tokensUsed, cost: record.cost)
    }

    /// A point from its parts.
    public init(
        offset: Offset, timestamp: Timestamp, attempt: Int, status: ProgressStatus, percentage: Double,
        tokensUsed: Int, cost: Cost?
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.attempt = attempt
        self.status = status
        self.percentage = percentage
        self.tokensUsed = tokensUsed
        self.cost = cost
    }
}
