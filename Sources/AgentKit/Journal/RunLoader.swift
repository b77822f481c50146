import DurableLog
import StreamCore
import StreamRecovery

/// Finds runs in a store: begins new ones, and reads those that are there.
struct RunLoader: Sendable {
    let store: RunStore
    let now: Timestamp?
    var instrumentation = Instrumentation.none

    private var log: any EventLog { store.log }

    /// Begins a run: its first record is there, or it is refused because a run of this name began before.
    func begin(_ start: RunStart) async throws(RunFailure) -> RunJournal {
        let producer = try producer(of: start)
        do throws(EventLogError) {
            _ = try await log.create(start.project, options: store.streamOptions)
        } catch {
            // A stream that the host made with other options is the host's choice.
            guard error.code == .conflict else { throw .log(error) }
        }
        // Nobody has claimed the producer of a new run: its first append is taken once, whoever else tries.
        let stamp = ProducerStamp(id: producer, epoch: 0, sequence: 0)
        let entry = RunEntry.start(start)
        var fold = RunFold(runID: start.runID)
        fold.apply(entry)
        let result: AppendResult
        do throws(EventLogError) {
            result = try await log.append(
                [entry.event(from: start.origin)], to: start.project,
                options: AppendOptions(durability: .synced, producer: stamp))
        } catch {
            switch error.code {
            case .staleEpoch, .checksumMismatch, .producerGap, .newEpochSequence: throw duplicate(start)
            default: throw .log(error)
            }
        }
        guard !result.isDuplicate else { throw duplicate(start) }
        fold.offset = result.last
        return RunJournal(start, fold: fold, store: store, producer: producer, epoch: 0, sequence: 1)
    }

    /// Takes a run over: nobody else can append to it any more.
    ///
    /// - Returns: The run, and its journal unless it is over.
    func takeOver(_ runID: String, in project: StreamID) async throws(RunFailure) -> (RunFold, RunJournal?) {
        var fold = try await load(runID, in: project)
        guard let start = fold.start else { throw notFound(runID, in: project) }
        guard fold.outcome == nil else { return (fold, nil) }
        let producer = try producer(of: start)
        let epoch: UInt64
        do throws(EventLogError) {
            epoch = try await log.claim(producer, in: project)
        } catch {
            throw .log(error)
        }
        // What was appended since; after the claim nothing is, but by us.
        try await catchUp(&fold, in: project)
        guard fold.outcome == nil else { return (fold, nil) }
        return (fold, RunJournal(start, fold: fold, store: store, producer: producer, epoch: epoch, sequence: 0))
    }

    /// The state of a run as the log has it.
    func load(_ runID: String, in project: StreamID) async throws(RunFailure) -> RunFold {
        if var fold = await checkpoint(runID, in: project) {
            do throws(RunFailure) {
                try await catchUp(&fold, in: project)
                return fold
            } catch {
                // Of another log than this one, or older than what is kept: the log itself decides.
                guard case .log(let error) = error, error.code == .gap else { throw error }
                instrumentation.report(
                    .gap(
                        stream: project, asked: fold.offset, oldest: error.kept?.oldest,
                        newest: error.kept?.newest ?? .start))
            }
        }
        var fold = RunFold(runID: runID)
        do throws(RunFailure) {
            try await catchUp(&fold, in: project)
        } catch {
            if case .log(let error) = error, error.code == .notFound { throw notFound(runID, in: project) }
            throw error
        }
        return fold
    }

    // One that cannot be used costs time and nothing else, and is told of: it should not be so often.
    private func checkpoint(_ runID: String, in project: StreamID) async -> RunFold? {
        guard let checkpoints = store.checkpoints, let now else { return nil }
        let key = Checkpoint.Key(stream: project, run: runID)
        let reason: String
        do {
            switch try await checkpoints.load(key, at: now) {
            case .found(let checkpoint):
                let fold = try RunFold(jsonValue: checkpoint.state)
                if fold.runID == runID, fold.offset == checkpoint.position { return fold }
                reason = "its state is of run \(fold.runID) at \(fold.offset), not at \(checkpoint.position)"
            case .none: return nil
            case .expired(let time): reason = "it is too old since \(time.millisecondsSince1970)"
            case .damaged(let damage): reason = damage
            }
        } catch {
            reason = "\(error)"
        }
        instrumentation.report(.storeFailed(runID: runID, store: "checkpoint", reason: reason))
        return nil
    }

    private func catchUp(_ fold: inout RunFold, in project: StreamID) async throws(RunFailure) {
        var reader = JSONReader(limits: RunEntry.limits)
        while true {
            let page = try await read(project, after: fold.offset)
            do throws(RecordFormatError) {
                for event in page.events { try fold.apply(event, reading: &reader) }
            } catch {
                throw .refused(.malformedResponse, "the run \(fold.runID) in \(project) cannot be read: \(error)")
            }
            if page.isUpToDate || page.events.isEmpty { return }
        }
    }

    /// The next page of a stream.
    func read(_ stream: StreamID, after offset: Offset) async throws(RunFailure) -> EventPage {
        do throws(EventLogError) {
            return try await log.read(stream, after: offset, limit: PageLimit())
        } catch {
            throw .log(error)
        }
    }

    // MARK: Names

    private func producer(of start: RunStart) throws(RunFailure) -> ProducerID {
        guard let producer = ProducerID(rawValue: "\(start.agentID)/\(start.runID)") else {
            throw .refused(
                .invalidRequest,
                "the names of the agent and the run are longer than \(ProducerID.maxNameLength) bytes together")
        }
        return producer
    }

    private func duplicate(_ start: RunStart) -> RunFailure {
        .refused(
            .duplicateRun,
            "a run \(start.runID) of \(start.agentID) has begun before in \(start.project): recover it, or choose another id"
        )
    }

    private func notFound(_ runID: String, in project: StreamID) -> RunFailure {
        .refused(.notFound, "there is no run \(runID) in \(project)")
    }
}

extension ProducerID {
    /// What is left for both names beside the stroke between them.
    fileprivate static let maxNameLength = 255
}

extension StreamID {
    /// The stream of a run's project.
    init(project: StreamID?, of runID: String) throws(RunFailure) {
        if let project {
            self = project
            return
        }
        do throws(StreamIDError) {
            try self.init(runID)
        } catch {
            throw .refused(
                .invalidRequest, "the run's id names its stream, but \(error); choose another, or name a project")
        }
    }
}
