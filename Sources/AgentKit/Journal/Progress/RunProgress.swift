public import ProgressTracking
import StreamCore

/// What an agent's runs tell of their progress, by themselves.
public struct RunProgressOptions: Sendable {
    /// Where records are kept beside the log; nil for the log alone.
    public var store: (any ProgressStore)?
    /// What models cost.
    public var prices: PriceTable
    /// The shortest time between two records of a run.
    public var interval: Duration

    /// Options from their parts.
    public init(
        store: (any ProgressStore)? = nil, prices: PriceTable = .empty, interval: Duration = .milliseconds(100)
    ) {
        self.store = store
        self.prices = prices
        self.interval = interval
    }
}

/// Turns what happens in a run into progress records: what a run says of itself, as a value.
///
/// How much of the work is done is told where the run knows how much there is (``RunPlace/expectedTokens``), by what was written so far; it is never 100 before
/// the end. What only grows between two records is collected, so that a token costs little.
struct RunProgress: Sendable {
    // Of what a model writes, four bytes are about a token: good enough for a percentage, and never told as tokens used.
    private static let bytesPerToken = 4.0

    private let interval: Duration
    private let expectedBytes: Double?
    private var coalescer: ProgressCoalescer
    private var content = ""
    private var reasoning = ""
    private var confidence: Confidence?
    private var writtenBytes = 0
    private var nextDue = Duration.zero
    private var isPending = false

    /// The progress of a run, which goes on from an earlier record of it.
    init(
        _ start: RunStart, _ options: RunProgressOptions, after previous: AgentProgress? = nil, writtenBytes: Int = 0
    ) {
        interval = options.interval
        expectedBytes = start.expectedTokens.map { Double(max(1, $0)) * RunProgress.bytesPerToken }
        coalescer = ProgressCoalescer(
            origin: start.origin, weight: start.weight, prices: options.prices, interval: options.interval,
            after: previous)
        self.writtenBytes = writtenBytes
    }

    /// Takes note of a chunk that readers are to see.
    mutating func note(_ chunk: AgentChunk) {
        switch chunk.payload {
        case .content(let text):
            content += text
            writtenBytes += text.utf8.count
        case .reasoning(let text):
            reasoning += text
            writtenBytes += text.utf8.count
        default: return
        }
        if let confidence = chunk.confidence { self.confidence = confidence }
        isPending = true
    }

    /// The record that is due, if one is.
    mutating func poll(at now: Duration, _ timestamp: Timestamp?) -> AgentProgress? {
        guard isPending, now >= nextDue else { return nil }
        return say(ProgressUpdate(), at: now, timestamp)
    }

    /// Says that something changed that readers are to know at once.
    mutating func say(_ update: ProgressUpdate, at now: Duration, _ timestamp: Timestamp?) -> AgentProgress? {
        var update = update
        if !content.isEmpty { update.contentDelta = content }
        if !reasoning.isEmpty { update.reasoningDelta = reasoning }
        update.confidence = update.confidence ?? confidence
        if let expectedBytes {
            update.percentage = min(99, 100 * Double(writtenBytes) / expectedBytes)
        }
        content = ""
        reasoning = ""
        confidence = nil
        isPending = false
        nextDue = now + interval
        if case .emit(let record) = coalescer.update(update, at: now, timestamp: timestamp) { return record }
        return coalescer.flush(at: now)
    }

    /// Says that the answer starts anew.
    mutating func restart(_ update: ProgressUpdate, at now: Duration, _ timestamp: Timestamp?) -> AgentProgress? {
        content = ""
        reasoning = ""
        writtenBytes = 0
        isPending = false
        if case .emit(let record) = coalescer.restart(update, at: now, timestamp: timestamp) { return record }
        return coalescer.flush(at: now)
    }
}
