import DurableLog
import StreamCore
import StreamRecovery

extension AgentLoop {
    /// Takes events of the response under way: logs what they come to, then hands it out.
    mutating func take(_ events: [ModelEvent], _ attempt: inout Attempt) async throws(RunFailure) {
        let events = attempt.join.isDone ? events : attempt.joined(events)
        attempt.message.append(events)
        guard attempt.message.byteCount <= configuration.outputLimit - record.byteCount else {
            throw .outputLimit(configuration.outputLimit)
        }
        let now = configuration.wallClock()
        var shown: [AgentChunk] = []
        var chunks: [AgentChunk] = []
        for event in events {
            assembler.append(CollectionOfOne(event), at: now, to: &chunks)
            stage(&chunks, &attempt, into: &shown)
            if case .cursor(let cursor) = event { attempt.cursor = cursor }
        }
        stagePosition(&attempt)
        stageUsage(&attempt)
        let endsBlock = attempt.takeEndsBlock()
        try await commit(chunks: shown.count, endsBlock: endsBlock, endsBlock ? .synced : .buffered, at: now)
        try await show(shown)
    }

    /// Stages what is held back of the response; nothing of it is open after that.
    mutating func stageRest(_ attempt: inout Attempt) -> [AgentChunk] {
        var chunks: [AgentChunk] = []
        var shown: [AgentChunk] = []
        let rest = attempt.finishJoin()
        attempt.message.append(rest)
        let now = configuration.wallClock()
        assembler.append(rest, at: now, to: &chunks)
        assembler.endResponse(at: now, to: &chunks)
        stage(&chunks, &attempt, into: &shown)
        flushSmoother(&attempt, into: &shown)
        return shown
    }

    // MARK: Staging

    private mutating func stage(
        _ chunks: inout [AgentChunk], _ attempt: inout Attempt, into shown: inout [AgentChunk]
    ) {
        let endings = assembler.takeEndings()
        if chunks.isEmpty && endings.isEmpty { return }
        var position = 0
        for ending in endings {
            for chunk in chunks[position..<ending.position] { smooth(chunk, &attempt, into: &shown) }
            position = ending.position
            flushSmoother(&attempt, into: &shown)
            stageEnd(ending, &attempt)
        }
        for chunk in chunks[position...] { smooth(chunk, &attempt, into: &shown) }
        if smoother == nil {
            // Shown as it was assembled, and nearly always in its own array.
            if shown.isEmpty { swap(&shown, &chunks) } else { shown += chunks }
        }
        chunks.removeAll(keepingCapacity: true)
    }

    // Without a smoother, what is to be shown is the chunk itself.
    private mutating func smooth(_ chunk: AgentChunk, _ attempt: inout Attempt, into shown: inout [AgentChunk]) {
        guard smoother != nil else { return stage(chunk, &attempt) }
        var cut: [AgentChunk] = []
        smoother?.append(chunk, to: &cut)
        for chunk in cut { stage(chunk, &attempt) }
        shown += cut
    }

    private mutating func flushSmoother(_ attempt: inout Attempt, into shown: inout [AgentChunk]) {
        guard smoother != nil else { return }
        var cut: [AgentChunk] = []
        smoother?.flush(to: &cut)
        for chunk in cut { stage(chunk, &attempt) }
        shown += cut
    }

    private mutating func stage(_ chunk: AgentChunk, _ attempt: inout Attempt) {
        // From there the provider could send the block again.
        if let block = chunk.block, let nextBlock = durable?.fold.nextBlock, block >= nextBlock {
            stagePosition(&attempt)
        }
        durable?.journal.stage(chunk)
        durable?.progress?.note(chunk)
        if !attempt.hasProgressed {
            tell(.progressed, of: attempt)
            attempt.hasProgressed = true
            durable?.history.progressed()
        }
    }

    private mutating func stageEnd(_ ending: ChunkAssembler.Ending, _ attempt: inout Attempt) {
        attempt.endsBlock = true
        if let number = ending.number, let parts = attempt.message.wholeParts(ofBlock: number) {
            durable?.journal.stage(.parts(block: ending.runBlock, parts))
        }
        if let block = ending.runBlock { durable?.journal.stageEnd(ofBlock: block) }
    }

    // Only where all that the model sent before was handed out, or stands beside the cursor.
    private mutating func stagePosition(_ attempt: inout Attempt) {
        guard let cursor = attempt.cursor, assembler.isNeutral, let model = durable?.model else { return }
        attempt.cursor = nil
        // What was told before the cursor is not told again behind it.
        stageUsage(&attempt, isLast: true)
        durable?.journal.stage(
            .cursor(
                RunEntry.Position(
                    cursor: cursor, provider: model.provider, model: model.name, held: smoother?.heldText ?? "")))
    }

    // The first figure, and then those at the ends of blocks: some providers send one with every token.
    mutating func stageUsage(_ attempt: inout Attempt, isLast: Bool = false) {
        guard let usage = attempt.message.usage, usage != attempt.usage,
            attempt.usage == nil || attempt.endsBlock || isLast
        else { return }
        attempt.usage = usage
        durable?.journal.stage(.usage(usage))
    }

    // MARK: Handing out

    /// Appends what is staged, and keeps a checkpoint where one is due.
    mutating func commit(
        chunks: Int, endsBlock: Bool, _ durability: Durability = .buffered, at now: Timestamp?
    ) async throws(RunFailure) {
        durable?.stageProgress(at: now)
        try await durable?.commit(durability)
        if durable?.checkpoint.isDue(chunks: chunks, endsBlock: endsBlock) == true { await saveCheckpoint() }
    }

    /// Hands out chunks that were logged.
    mutating func show(_ chunks: [AgentChunk]) async throws(RunFailure) {
        guard !chunks.isEmpty else { return }
        if let delay = configuration.smoothing?.delay, delay > .zero {
            try await pace(chunks, delay)
        } else {
            try await outlet.send(chunks)
        }
    }

    /// Takes over what the log has of the run.
    mutating func synchronizeRecord() {
        guard let durable else { return }
        record = RunRecord(durable.start, durable.fold)
    }
}

extension AgentLoop.Attempt {
    /// The events without what repeats the text so far.
    mutating func joined(_ events: [ModelEvent]) -> [ModelEvent] {
        var joined: [ModelEvent] = []
        for event in events {
            switch event {
            case .content(let block, let text):
                joinBlock = block
                let rest = join.append(text)
                if !rest.isEmpty { joined.append(.content(block: block, text: rest)) }
            case .blockFinished(let block) where block == joinBlock:
                joined += finishJoin()
                joined.append(event)
            default: joined.append(event)
            }
        }
        return joined
    }

    /// What the join still holds back.
    mutating func finishJoin() -> [ModelEvent] {
        guard !join.isDone, let block = joinBlock else { return [] }
        joinBlock = nil
        let rest = join.finish()
        return rest.isEmpty ? [] : [.content(block: block, text: rest)]
    }

    /// Whether a block ended since this was asked last.
    mutating func takeEndsBlock() -> Bool {
        defer { endsBlock = false }
        return endsBlock
    }
}
