import StreamCore

extension RecoveryStrategy {
    /// Rung 1: the provider sends the rest of the same response from its own cursor.
    ///
    /// An open tool call or open reasoning is dropped, and the response resumed from where its block began, so that it comes whole. Applies where that cursor is known.
    public static let providerCursor = RecoveryStrategy(.cursor) { situation in
        guard situation.current.capabilities.contains(.backgroundResume), let cursor = situation.cursor else {
            return nil
        }
        let blocks = situation.emitted
        guard let open = blocks.firstIndex(where: \.isOpenButNoText) else {
            return RecoveryPlan(
                .resume(cursor), keptBlocks: blocks.map(\.id),
                continuedBlock: blocks.last { !$0.isFinished }?.id)
        }
        // Nothing that is kept may be open there, as what was sent of it behind the cursor would come again.
        let start = blocks[...open].lastIndex { $0.cursorBefore != nil }
        guard let start, let before = blocks[start].cursorBefore, blocks[..<start].allSatisfy(\.isFinished) else {
            return nil
        }
        return RecoveryPlan(
            .resume(before), keptBlocks: blocks[..<start].map(\.id), droppedBlocks: blocks[start...].map(\.id))
    }

    /// Rung 2: nothing was emitted, so the same request is sent again.
    public static let plainRetry = RecoveryStrategy(.retry) { situation in
        situation.emitted.isEmpty ? RecoveryPlan(.same) : nil
    }

    /// Rung 3: the request is sent again with what was written so far as the beginning of the assistant's turn, which the model continues.
    ///
    /// Kept is what stands before the first open block or tool call, and an open text there; the rest is dropped. Applies where the model can be prefilled and something is
    /// kept: text, or a hosted tool's answer.
    public static let prefill = RecoveryStrategy(.prefill) { situation in
        guard situation.current.capabilities.contains(.prefill) else { return nil }
        let kept = KeptBlocks(situation.emitted, includesOpenText: true)
        guard let last = kept.blocks.last else { return nil }
        return RecoveryPlan(
            .prefill(prefix: kept.text), keptBlocks: kept.ids, droppedBlocks: kept.dropped,
            continuedBlock: last.isFinished ? nil : last.id, trimmed: kept.trimmed)
    }

    /// What a model is told by default when it is asked to go on.
    public static let continuationMessage =
        "Your answer was cut off by a technical fault. Go on exactly where it stops, without repeating any of it and without a word about the interruption."

    /// Rung 4: the request is sent again, followed by the text so far and a user's message that asks to go on.
    ///
    /// Applies where something is kept, by the same rule as in ``prefill``.
    ///
    /// - Parameters:
    ///   - message: What the model is told.
    ///   - includesOpenText: Whether the text that was being written is kept too. By default the answer goes on after the last whole text block, as models
    ///     do not reliably go on in the midst of a sentence.
    ///   - overlap: How many bytes of the kept text's end the continuation is compared with, to drop what it repeats.
    public static func continuation(
        message: String = continuationMessage, includesOpenText: Bool = false, overlap: Int = 256
    ) -> RecoveryStrategy {
        RecoveryStrategy(.continuation) { situation in
            let kept = KeptBlocks(situation.emitted, includesOpenText: includesOpenText)
            guard !kept.blocks.isEmpty else { return nil }
            return RecoveryPlan(
                .message(text: kept.text, message: message), keptBlocks: kept.ids, droppedBlocks: kept.dropped,
                trimmed: kept.trimmed, overlap: max(0, overlap))
        }
    }

    /// Rung 5: the answer starts anew, and readers drop everything of the broken response.
    public static let restart = RecoveryStrategy(.restart) { situation in
        RecoveryPlan(.same, droppedBlocks: situation.emitted.map(\.id), isRestart: true)
    }
}

/// The blocks that a continuation can build on: up to the last text or hosted tool before anything that cannot be continued.
struct KeptBlocks {
    let blocks: ArraySlice<EmittedBlock>
    let dropped: [Int]
    /// Their text; without the white space at its end where it ends the turn.
    let text: String
    let trimmed: String

    var ids: [Int] { blocks.map(\.id) }

    init(_ emitted: [EmittedBlock], includesOpenText: Bool) {
        var end = 0
        for (index, block) in emitted.enumerated() {
            // Reasoning and white space before nothing are of no use to the model.
            let hasSubstance =
                switch block.kind {
                case .text: block.text.unicodeScalars.contains { !$0.properties.isWhitespace }
                case .hostedTool: true
                case .reasoning, .toolCall: false
                }
            if block.kind == .toolCall { break }
            if !block.isFinished {
                if block.kind == .text, includesOpenText, hasSubstance { end = index + 1 }
                break
            }
            if hasSubstance { end = index + 1 }
        }
        blocks = emitted[..<end]
        dropped = emitted[end...].map(\.id)
        let whole = blocks.reduce(into: "") { text, block in if block.kind == .text { text += block.text } }
        let scalars = whole.unicodeScalars
        var cut = scalars.endIndex
        if blocks.last?.kind == .text {
            cut = scalars.lastIndex { !$0.properties.isWhitespace }.map(scalars.index(after:)) ?? scalars.startIndex
        }
        text = String(scalars[..<cut])
        trimmed = String(scalars[cut...])
    }
}
