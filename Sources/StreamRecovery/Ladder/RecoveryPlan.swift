public import StreamCore

/// What has to be done to go on with a broken response, in no provider's words: what a ``RecoveryStrategy`` says and the executor does.
///
/// Every emitted block is either kept or dropped. "The same request" is the step's request as it was first sent, without what earlier recoveries added to it: what they
/// kept is among the blocks.
public struct RecoveryPlan: Sendable, Hashable {
    /// What is asked of the model.
    public enum Request: Sendable, Hashable {
        /// The rest of the same response, which the provider kept.
        case resume(ResponseCursor)
        /// The same request once more.
        case same
        /// The same request, ending with an assistant's turn of the kept blocks, which the model continues.
        ///
        /// `prefix` is the text of the kept blocks, joined and without ``RecoveryPlan/trimmed``; an executor that sends blocks one by one trims the last.
        case prefill(prefix: String)
        /// The same request, followed by an assistant's turn of the kept blocks and a user's message that asks to go on.
        ///
        /// `text` is as the prefix of ``prefill(prefix:)``.
        case message(text: String, message: String)

        /// Whether it is what failed, once more.
        public var isSame: Bool { self == .same }
    }

    /// What is asked of the model.
    public var request: Request
    /// The blocks that readers keep, in order.
    public var keptBlocks: [Int]
    /// The blocks that readers drop, in order; none of their numbers is ever used again.
    public var droppedBlocks: [Int]
    /// Whether the answer starts anew: the dropped blocks are then told as superseded.
    public var isRestart: Bool
    /// The block in which the first text of the continuation goes on; nil when it gets a block of its own.
    public var continuedBlock: Int?
    /// White space at the end of the kept text that readers have seen and the model is not sent: Anthropic refuses a prefill that ends with white space.
    public var trimmed: String
    /// How many bytes of the kept text's end the continuation is compared with, to drop what it repeats; 0 compares only ``trimmed``.
    public var overlap: Int

    /// A plan from its parts.
    public init(
        _ request: Request, keptBlocks: [Int] = [], droppedBlocks: [Int] = [], isRestart: Bool = false,
        continuedBlock: Int? = nil, trimmed: String = "", overlap: Int = 0
    ) {
        self.request = request
        self.keptBlocks = keptBlocks
        self.droppedBlocks = droppedBlocks
        self.isRestart = isRestart
        self.continuedBlock = continuedBlock
        self.trimmed = trimmed
        self.overlap = overlap
    }

    /// What the continuation's text has to pass through, so that readers see nothing twice.
    public var join: ContinuationJoin {
        switch request {
        case .resume, .same: ContinuationJoin()
        case .prefill(let text), .message(let text, _):
            ContinuationJoin(text: text, trimmed: trimmed, overlap: overlap)
        }
    }
}
