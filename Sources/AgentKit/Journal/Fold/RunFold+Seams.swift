import StreamCore
import StreamRecovery

extension RunFold {
    /// Takes a seam: what it drops no longer counts.
    mutating func apply(_ seam: Seam) {
        noteTry(seam.cause)
        note(seam.timestamp)
        let dropped = Set(seam.droppedBlocks)
        let firstDropped = blocks.firstIndex { $0.number.map(dropped.contains) ?? false } ?? blocks.endIndex
        if !dropped.isEmpty { returnToPosition(before: firstDropped, seam) }
        var kept: [RunBlock] = []
        for (index, block) in blocks.enumerated() {
            guard let number = block.number else {
                // What readers never saw goes with what stood before it.
                if index < firstDropped { kept.append(block) }
                continue
            }
            if !dropped.contains(number) { kept.append(block) }
        }
        // A provider that goes on by itself knows what came last; another request ends with something that was shown.
        if seam.strategy != .cursor {
            while let last = kept.last, last.number == nil { kept.removeLast() }
        }
        blocks = kept
        // Text that is kept and not continued gets nothing more: the continuation has blocks of its own.
        for index in blocks.indices where blocks[index].kind == .content && blocks[index].number != seam.continuedBlock
        {
            blocks[index].isFinished = true
        }
        current = 0
    }

    // A provider that sends dropped blocks again does so from where the first of them began.
    private mutating func returnToPosition(before index: Int, _ seam: Seam) {
        guard seam.strategy == .cursor, blocks.indices.contains(index), let cursor = blocks[index].cursorBefore else {
            position = nil
            return
        }
        position = RunEntry.Position(cursor: cursor, provider: seam.provider, model: seam.model)
        isPositionStale = false
    }

    /// Notes that the model was asked, nil, or why it is asked again.
    mutating func noteTry(_ cause: FailureKind?) {
        // Far above what any limit allows; a hostile log must not grow it.
        if tries.count < 10_000 { tries.append(cause) }
        if let cause { if cause == .interrupted { takeovers += 1 } else { recoveries += 1 } }
    }

    /// What was tried so far, for the next decision.
    var history: RecoveryHistory {
        var history = RecoveryHistory()
        let recent = tries.compactMap { $0 }
        let recentTakeovers = recent.count { $0 == .interrupted }
        for _ in 0..<max(0, recoveries - (recent.count - recentTakeovers)) { history.read(seam(because: .unknown)) }
        for _ in 0..<max(0, takeovers - recentTakeovers) { history.read(seam(because: .interrupted)) }
        history.progressed()
        for cause in tries {
            if let cause { history.read(seam(because: cause)) } else { history.requested() }
        }
        return history
    }

    private func seam(because cause: FailureKind) -> Seam {
        Seam(
            origin: ChunkOrigin(projectID: "", agentID: "", runID: runID), attempt: 0, strategy: .retry, provider: "",
            model: "", cause: cause)
    }

    /// The blocks of the response under way, as recovery judges them.
    var emitted: [EmittedBlock] {
        blocks.compactMap { block in
            guard let number = block.number else { return nil }
            let isHosted = block.call?.isProviderExecuted ?? false
            let kind: EmittedBlock.Kind =
                switch block.kind {
                case .content: .text
                case .reasoning: .reasoning
                case .tool: isHosted ? .hostedTool : .toolCall
                }
            return EmittedBlock(
                id: number, kind: kind, isFinished: block.isFinished, text: block.kind == .content ? block.text : "",
                toolName: block.toolName, hasRun: isHosted, cursorBefore: block.cursorBefore)
        }
    }

    /// How much the blocks so far hold.
    var openByteCount: Int { blocks.reduce(0) { $0 + $1.text.utf8.count } }

    /// The conversation's part that the blocks so far are, for a model that is to go on after them.
    var parts: [Message.Part] { blocks.flatMap(\.parts) }
}

extension RunFold {
    /// The last response, where the run still has to act on it: to execute its calls, or to end.
    var knownResponse: AgentLoop.Response? {
        guard let lastFinish, !hasAnsweredCalls else { return nil }
        return AgentLoop.Response(finish: lastFinish, calls: calls.map(\.call))
    }

    private var hasAnsweredCalls: Bool { calls.isEmpty && messages.last?.role == .tool }
}
