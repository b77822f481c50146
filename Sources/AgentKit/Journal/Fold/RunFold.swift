public import ProgressTracking
public import StreamCore

/// The state of a run: what its records come to, folded one after another.
///
/// A value without I/O. The process that works on a run folds what it appends, and the process that takes the run over folds what
/// the log holds: both see the same. Folding may begin at a checkpoint; from every checkpoint it comes to the same state.
public struct RunFold: Sendable, Hashable {
    /// The run.
    public let runID: String
    /// The newest event that was looked at, whosoever it was; ``/StreamCore/Offset/start`` before the first.
    public internal(set) var offset = Offset.start
    /// What the run began with; nil when no record of it was found.
    public internal(set) var start: RunStart?
    /// What the run added to its conversation: finished responses and the results of tools.
    public internal(set) var messages: [Message] = []
    /// The blocks of the response under way, without those that a seam dropped.
    public internal(set) var blocks: [RunBlock] = []
    /// The calls of the last response that wait for results; those that have one are kept until all have.
    public internal(set) var calls: [RunCall] = []
    /// How the last response ended; nil before the first and while the next one is under way.
    public internal(set) var lastFinish: FinishReason?
    /// How many responses have ended well.
    public internal(set) var steps = 0
    /// How many times the model was asked.
    public internal(set) var attempts = 0
    /// Whether the run was cancelled for good.
    public internal(set) var isCancelled = false
    /// Why nobody works on the run, when whoever did has said so; nil while somebody may.
    public internal(set) var pauseReason: String?
    /// What the run last said of its progress.
    public internal(set) var progress: AgentProgress?
    /// How the run ended; nil while it has not.
    public internal(set) var outcome: Outcome?

    /// How a run ended.
    public enum Outcome: Sendable, Hashable {
        /// It ended well.
        case finished(FinishReason)
        /// It failed, or was cancelled.
        case failed(Failure)
    }

    // The answer's text in finished responses since the last results of tools.
    var finishedText = ""
    var finishedUsage: [String: Usage] = [:]
    var attemptUsage = Usage.zero
    // The model of the attempt under way.
    var attemptModel = ""
    var byteCount = 0
    var nextBlock = 0
    // Requests, nil, and recoveries with their causes since the last progress; and how many recoveries there were in all.
    var tries: [FailureKind?] = []
    var recoveries = 0
    var takeovers = 0
    /// The time that somebody worked on the run, as its records tell: in whole milliseconds, without the time in which nobody did.
    var workedMilliseconds: Int64 = 0
    // When the run's last record was made, of those that say it.
    var lastTime: Timestamp?
    var position: RunEntry.Position?
    /// Whether chunks were shown after the position was told, so that it is behind them.
    var isPositionStale = false
    // The block of the last chunk, nearly always the next one's too.
    var current = 0

    /// The state before the first record.
    public init(runID: String) {
        self.runID = runID
    }

    /// The tokens of all responses and attempts, as far as the provider told.
    public var usage: Usage { finishedUsage.values.reduce(attemptUsage, +) }

    /// The tokens of each model, by its name.
    public var usageByModel: [String: Usage] {
        var usage = finishedUsage
        if attemptUsage != .zero { usage[attemptModel, default: .zero] += attemptUsage }
        return usage
    }

    /// The answer so far: what the model wrote after the last results of tools, reasoning left out.
    public var text: String {
        blocks.reduce(into: finishedText) { text, block in if block.kind == .content { text += block.text } }
    }

    /// Whether the run waits for somebody to go on with it, or is being worked on.
    public var isUnfinished: Bool { start != nil && outcome == nil }

    /// The whole conversation: the input, then what the run added.
    public var conversation: [Message] { (start?.input.messages ?? []) + messages }

    /// Takes a record of the run's progress.
    mutating func apply(_ progress: AgentProgress) {
        if progress.runID == runID { self.progress = progress }
    }

    // MARK: Chunks

    /// Takes a chunk that readers were shown.
    mutating func apply(_ chunk: AgentChunk) {
        pauseReason = nil
        note(chunk.timestamp)
        if !tries.isEmpty, chunk.isProgress { tries.removeAll(keepingCapacity: true) }
        switch chunk.payload {
        case .content(let text): append(text, to: chunk.block, .content)
        case .reasoning(let text): append(text, to: chunk.block, .reasoning)
        case .toolInput(let piece):
            append(piece.delta, to: chunk.block, .tool)
            if current < blocks.count { blocks[current].toolName = piece.toolName }
        case .toolCall(let call):
            append("", to: chunk.block, .tool)
            guard current < blocks.count else { break }
            blocks[current].toolName = call.name
            blocks[current].call = call
            blocks[current].isFinished = !call.isProviderExecuted
        case .toolResult(let result): apply(result, chunk.block)
        case .citation(let citation):
            append("", to: chunk.block, .content)
            if current < blocks.count { blocks[current].citations.append(citation) }
        case .usage, .seam, .finish, .error: break
        }
    }

    /// Counts the time since the last record as time at work.
    mutating func note(_ time: Timestamp?) {
        guard let time else { return }
        // A clock that was set back, or a hostile log, counts for nothing.
        if let lastTime, time > lastTime {
            let (gap, isFar) = time.millisecondsSince1970.subtractingReportingOverflow(lastTime.millisecondsSince1970)
            let (sum, isLong) = workedMilliseconds.addingReportingOverflow(gap)
            if !isFar, !isLong { workedMilliseconds = sum }
        }
        lastTime = time
    }

    // The agent's own results have records of their own: here are those of the provider's tools.
    private mutating func apply(_ result: ToolResult, _ number: Int?) {
        if let index = blocks.lastIndex(where: { $0.call?.id == result.callID }) {
            blocks[index].result = result
            blocks[index].isFinished = true
        } else if let number {
            nextBlock = max(nextBlock, number + 1)
        }
        isPositionStale = true
    }

    private mutating func append(_ text: String, to number: Int?, _ kind: RunBlock.Kind) {
        guard let number else { return }
        if current >= blocks.count || blocks[current].number != number {
            current = blocks.lastIndex { $0.number == number } ?? blocks.count
            if current == blocks.count { open(number, kind) }
        }
        blocks[current].text += text
        isPositionStale = true
    }

    private mutating func open(_ number: Int, _ kind: RunBlock.Kind) {
        var block = RunBlock(number: number, kind: kind)
        if let position, !isPositionStale, position.held.isEmpty, blocks.allSatisfy(\.isFinished) {
            block.cursorBefore = position.cursor
        }
        blocks.append(block)
        nextBlock = max(nextBlock, number + 1)
    }

    /// Where a block is among those of the response under way.
    func index(ofBlock number: Int) -> Int? {
        if current < blocks.count, blocks[current].number == number { return current }
        return blocks.lastIndex { $0.number == number }
    }
}

extension AgentChunk {
    /// Whether the chunk is output that was not there before.
    var isProgress: Bool {
        switch payload {
        case .content, .reasoning, .toolInput, .toolCall, .toolResult, .citation: true
        case .usage, .seam, .finish, .error: false
        }
    }
}
