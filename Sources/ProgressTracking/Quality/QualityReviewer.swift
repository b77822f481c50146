public import DurableLog
public import StreamCore

/// Has every text that the agents of a stream finish judged, and appends the judgements to the same stream.
///
///     let reviewer = QualityReviewer(log: log, stream: "site-1", scorer: TextQualityScorer())
///     group.addTask { try await reviewer.run() }
///
/// It is a reader of the log like any other: it slows no agent down, and one that is started again goes on where it was. It claims a producer of its name, so that of two
/// that run by mistake the older ends with `staleEpoch`.
public struct QualityReviewer: Sendable {
    private let log: any EventLog
    private let stream: StreamID
    private let scorer: any QualityScorer
    private let wallClock: @Sendable () -> Timestamp
    private let onFailure: @Sendable (QualityScorerError) -> Void

    /// A reviewer of a stream.
    ///
    /// - Parameters:
    ///   - log: The log.
    ///   - stream: The project's stream.
    ///   - scorer: Who judges.
    ///   - wallClock: What time it is, for the judgements.
    ///   - onFailure: Told of what could not be judged, which is then left out.
    public init(
        log: any EventLog, stream: StreamID, scorer: any QualityScorer,
        wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now,
        onFailure: @escaping @Sendable (QualityScorerError) -> Void = { _ in }
    ) {
        self.log = log
        self.stream = stream
        self.scorer = scorer
        self.wallClock = wallClock
        self.onFailure = onFailure
    }

    /// Judges what is there and has not been judged, then what comes, until the stream is closed.
    ///
    /// - Throws: What reading and appending throw; `cancelled` when the task is cancelled, `staleEpoch` when another reviewer has taken over.
    public func run() async throws(EventLogError) {
        guard let producer = ProducerID(rawValue: "quality/" + String(scorer.name.prefix(100))) else { return }
        guard let epoch = try await epoch(of: producer) else { return }
        var stamp = ProducerStamp(id: producer, epoch: epoch, sequence: 0)
        var pending = PendingReviews(scorer: scorer.name)
        var offset = Offset.start
        while true {
            let page = try await log.read(stream, after: offset, limit: PageLimit())
            for event in page.events {
                if let text = pending.take(event.event) { try await review(text, &stamp) }
            }
            offset = page.next
            if page.isUpToDate { break }
        }
        for text in pending.takeAll() { try await review(text, &stamp) }
        var events = log.cursor(over: stream, after: offset, filter: EventFilter(types: [.finishedBlock]))
            .makeAsyncIterator()
        while let event = try await events.next() {
            if let text = FinishedText(event.event) { try await review(text, &stamp) }
        }
    }

    // Nil for a stream that is closed, which takes no judgements any more.
    private func epoch(of producer: ProducerID) async throws(EventLogError) -> UInt64? {
        do throws(EventLogError) {
            return try await log.claim(producer, in: stream)
        } catch {
            if error.code == .closed { return nil }
            throw error
        }
    }

    private func review(_ text: FinishedText, _ stamp: inout ProducerStamp) async throws(EventLogError) {
        let quality: QualityScore
        do throws(QualityScorerError) {
            quality = try await scorer.score(text.text, by: text.origin.agentID)
        } catch {
            onFailure(error)
            return
        }
        let update = QualityScoreUpdate(
            origin: text.origin, block: text.block, scorer: scorer.name, quality: quality, timestamp: wallClock())
        do throws(EventLogError) {
            _ = try await log.append([StreamEvent(update)], to: stream, options: AppendOptions(producer: stamp))
        } catch {
            // Closed behind the text that was judged: readers have the end, and nothing comes after it.
            if error.code == .closed { return }
            throw error
        }
        stamp.sequence += 1
    }
}

extension StreamEvent.EventType {
    /// The whole text of a block that is finished.
    static let finishedBlock = StreamEvent.EventType(rawValue: "agent:block")
}

/// A text that an agent has finished, as its block's event has it.
struct FinishedText: Sendable {
    var origin: ChunkOrigin
    var block: Int
    var text: String

    /// The text of a block's event; nil for another event, and for reasoning.
    init?(_ event: StreamEvent) {
        guard event.type == .finishedBlock, event.visibility == .public,
            let value = try? JSONValue(parsing: event.payload), let text = value["content"]?.stringValue,
            let project = value["projectId"]?.stringValue, let agent = value["agentId"]?.stringValue,
            let run = value["runId"]?.stringValue, let block = value["block"]?.intValue
        else { return nil }
        origin = ChunkOrigin(projectID: project, agentID: agent, runID: run)
        self.block = block
        self.text = text
    }
}

/// Texts that were found in a stream and whose judgement was not found behind them: a value.
struct PendingReviews: Sendable {
    private var texts: [FinishedText] = []
    private let scorer: String
    /// Beyond so many, the oldest is judged without looking further for its judgement.
    private static let maxCount = 1024

    init(scorer: String) {
        self.scorer = scorer
    }

    /// Reads the next event of the stream.
    ///
    /// - Returns: A text to judge at once.
    mutating func take(_ event: StreamEvent) -> FinishedText? {
        if let text = FinishedText(event) {
            texts.append(text)
            return texts.count > PendingReviews.maxCount ? texts.removeFirst() : nil
        }
        guard event.type == .quality, let value = try? JSONValue(parsing: event.payload),
            let update = QualityScoreUpdate(jsonValue: value), update.scorer == scorer
        else { return nil }
        texts.removeAll { $0.origin == update.origin && $0.block == update.block }
        return nil
    }

    /// What is left at the stream's end.
    mutating func takeAll() -> [FinishedText] {
        defer { texts = [] }
        return texts
    }
}
