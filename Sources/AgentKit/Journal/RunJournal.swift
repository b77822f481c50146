import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// Writes a run into its stream: what is staged goes with the next commit, as one append.
///
/// It folds what it writes, so that its ``fold`` is what another process would read from the log.
struct RunJournal: Sendable {
    let origin: ChunkOrigin
    let stream: StreamID
    private(set) var fold: RunFold

    private let log: any EventLog
    private let isPublic: @Sendable (AgentChunk) -> Bool
    private let producer: ProducerID
    private let epoch: UInt64
    private var sequence: UInt64
    private var staged: [StreamEvent] = []
    private var stagesProgress = false

    /// A journal of a run that has begun, under an epoch.
    init(_ start: RunStart, fold: RunFold, store: RunStore, producer: ProducerID, epoch: UInt64, sequence: UInt64) {
        origin = start.origin
        stream = start.project
        log = store.log
        isPublic = store.isPublic
        self.fold = fold
        self.producer = producer
        self.epoch = epoch
        self.sequence = sequence
    }

    // MARK: Staging

    /// Stages a chunk that readers are to see.
    mutating func stage(_ chunk: AgentChunk) {
        fold.apply(chunk)
        var event = StreamEvent(chunk, from: origin)
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

    /// What a commit has appended.
    struct Committed {
        let events: [StreamEvent]
        let last: Offset
        let hasProgress: Bool
    }

    /// Appends what is staged, all or nothing.
    mutating func commit(_ durability: Durability = .buffered) async throws(RunFailure) -> Committed? {
        guard !staged.isEmpty else { return nil }
        let stamp = ProducerStamp(id: producer, epoch: epoch, sequence: sequence)
        let events = staged
        let hasProgress = stagesProgress
        staged = []
        stagesProgress = false
        do throws(EventLogError) {
            fold.offset = try await append(events, AppendOptions(durability: durability, producer: stamp)).last
        } catch {
            throw error.code == .staleEpoch ? .fenced(error) : .log(error)
        }
        sequence += 1
        return Committed(events: events, last: fold.offset, hasProgress: hasProgress)
    }

    // A run that is being stopped still says so: its task's cancellation must not keep it from the log.
    private func append(
        _ events: [StreamEvent], _ options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        do throws(EventLogError) {
            return try await log.append(events, to: stream, options: options)
        } catch {
            guard error.code == .cancelled else { throw error }
            let (log, stream) = (log, stream)
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
