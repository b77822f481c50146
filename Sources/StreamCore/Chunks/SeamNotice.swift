/// An answer broke and goes on: what its reader drops, and where the rest goes.
///
/// Only runs that are logged recover so; the log's own event of type ``StreamEvent/EventType/seam`` says more.
public struct SeamNotice: Sendable, Hashable, Codable {
    /// Which recovery of the run it is, counted from 1.
    public var attempt: Int
    /// The rung of the recovery ladder, such as `retry` or `restart`.
    public var strategy: String
    /// The blocks that no longer count; none of their numbers is used again.
    public var droppedBlocks: [Int]
    /// The block in which the first text of the continuation goes on; nil when it gets one of its own.
    public var continuedBlock: Int?
    /// Whether the answer starts anew, in place of the dropped blocks.
    public var isRestart: Bool

    /// A seam from its parts.
    public init(
        attempt: Int, strategy: String, droppedBlocks: [Int] = [], continuedBlock: Int? = nil, isRestart: Bool = false
    ) {
        self.attempt = attempt
        self.strategy = strategy
        self.droppedBlocks = droppedBlocks
        self.continuedBlock = continuedBlock
        self.isRestart = isRestart
    }
}
