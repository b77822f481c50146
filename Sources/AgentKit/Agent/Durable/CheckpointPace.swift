/// When the next checkpoint is due: at the end of a block, and after so many chunks.
struct CheckpointPace: Sendable {
    private let interval: Int
    private var chunks = 0

    init(interval: Int) {
        self.interval = max(1, interval)
    }

    /// Takes note of what was appended, and says whether a checkpoint is due.
    mutating func isDue(chunks count: Int, endsBlock: Bool) -> Bool {
        chunks += count
        guard endsBlock || chunks >= interval else { return false }
        chunks = 0
        return true
    }
}
