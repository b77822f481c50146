import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// Writes a run into its stream: what is staged goes with the next commit, as one append.
///
/// It folds what it writes, so that its ``fold`` is what another process would read from the log.
struct RunJournal: Sendable {
    private let encoder: ChunkEventEncoder
    let stream: StreamID
    private(set) var fold: RunFold

    private let log: any EventLog
    private let isPublic: @Sendable (AgentChunk) -> Bool
    private let producer: ProducerID
    private let epoch: UInt64
    private var sequence: UInt64
    private var staged: [StreamEvent] = []
    private var stagesProgress = false
    /// Since this event the stream has what this journal appended and nothing else, none of it progress.
    private var quietSince: Offset

    /// A journal of a run that has begun, under an epoch.
    init(_ start: RunStart, fold: RunFold, store: RunStore, producer: ProducerID, epoch: UInt64, sequence: UInt64) {
        encoder = ChunkEventEncoder(start.origin)
        stream = start.project
        log = store.log
        isPublic = store.isPublic
        self.fold = fold
        self.producer = producer
        self.epoch = epoch
        self.sequence = sequence
        quietSince = fold.offset
    }

    /// Whose run it is.
    var origin: ChunkOrigin { encoder.origin }

    // MARK: Staging

    /// Stages a chunk that readers are to see.
    mutating func stage(_ chunk: AgentChunk) {
        fold.apply(chunk)
        var event = encoder.event(of: chunk)
        if !isPublic(chunk) { event.visibility = .internal }
        staged.append(event)
    }

    /// Stages a record.
    mutating func stage(_ entry: RunEntry) {
        fold.apply(entry)
        staged.append(entry.event(from: origin))
    }

    /// Stages the seam of a recovery.
    mutating func stage(_ seam: Seam) {
        fold.apply(seam)
        staged.append(seam.event)
    }

    /// Stages a progress record.
    mutating func stage(_ progress: AgentProgress) {
        fold.apply(progress)
        staged.append(StreamEvent(progress))
        stagesProgress = true
    }

    /// Stages that a block of text or reasoning is whole, with its text.
    mutating func stageEnd(ofBlock number: Int) {
        guard let index = fold.index(ofBlock: number) else { return }
        let block = fold.blocks[index]
        guard block.kind != .tool, !block.isFinished, !block.text.isEmpty else { return }
        stage(
            .block(
                RunEntry.FinishedBlock(
                    number: number, isReasoning: block.kind == .reasoning, text: block.text,
                    citations: block.citations)))
    }

    // MARK: Committing

    /// Progress that a commit has appended, among other events.
    struct CommittedProgress {
        let events: [StreamEvent]
        let last: Offset
        /// Between this event and the commit's first, the stream has no progress.
        let quietSince: Offset
    }

    /// Appends what is staged, all or nothing.
    ///
    /// - Returns: What a progress store is to be told; nil when there is no progress in it.
    mutating func commit(_ durability: Durability = .buffered) async throws(RunFailure) -> CommittedProgress? {
        guard !staged.isEmpty else { return nil }
        defer {
            // Its room is used again, as nearly every token is a commit.
            staged.removeAll(keepingCapacity: true)
            stagesProgress = false
        }
        let stamp = ProducerStamp(id: producer, epoch: epoch, sequence: sequence)
        do throws(EventLogError) {
            let options = AppendOptions(durability: durability, producer: stamp)
            noteAppended(try await RunJournal.append(staged, options, to: stream, of: log).last)
        } catch {
            throw error.code == .staleEpoch ? .fenced(error) : .log(error)
        }
        sequence += 1
        guard stagesProgress else { return nil }
        defer { quietSince = fold.offset }
        return CommittedProgress(events: staged, last: fold.offset, quietSince: quietSince)
    }

    // Other runs of the project may have appended before.
    private mutating func noteAppended(_ last: Offset) {
        let start = last.before(staged.count)
        if start != fold.offset { quietSince = start }
        fold.offset = last
    }

    // A run that is being stopped still says so: its task's cancellation must not keep it from the log. Static, because for a call that waits
    // the whole journal would be copied.
    private static func append(
        _ events: [StreamEvent], _ options: AppendOptions, to stream: StreamID, of log: any EventLog
    ) async throws(EventLogError) -> AppendResult {
        do throws(EventLogError) {
            return try await log.append(events, to: stream, options: options)
        } catch {
            guard error.code == .cancelled else { throw error }
            let result = await Task { () async -> Result<AppendResult, EventLogError> in
                do throws(EventLogError) {
                    return .success(try await log.append(events, to: stream, options: options))
                } catch {
                    return .failure(error)
                }
            }.value
            return try result.get()
        }
    }
}
