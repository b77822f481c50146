public import StreamCore

/// A block of the response that broke, as the readers of the run have seen it.
///
/// A response is one answer of the model, with everything that earlier recoveries of the same answer kept; blocks of earlier steps of the run are not
/// among them.
public struct EmittedBlock: Sendable, Hashable {
    /// What a block is.
    public enum Kind: String, Sendable, Hashable {
        /// A piece of the answer.
        case text
        /// Reasoning.
        case reasoning
        /// A call of a tool that the agent executes.
        case toolCall
        /// A tool that the provider runs itself: its call, and its answer when the block is finished.
        case hostedTool
    }

    /// The block's number in the run: `block` of its chunks.
    public var id: Int
    /// What the block is.
    public var kind: Kind
    /// Whether nothing more was to come for it.
    public var isFinished: Bool
    /// The text that was shown, of a block of kind `text`; nobody needs that of the others.
    public var text: String
    /// The tool's name, of the two kinds of tools.
    public var toolName: String?
    /// Whether the tool has begun to run, so that dropping the block and asking anew may make it run again.
    ///
    /// A call of the agent's own tools has not, as they are executed after the response has ended. One of a hosted tool has as soon as its call is there.
    public var hasRun: Bool
    /// The provider's cursor just before the block's first event, when nothing else was open there: from it the provider sends the block again.
    public var cursorBefore: ResponseCursor?

    /// A block from its parts.
    public init(
        id: Int, kind: Kind, isFinished: Bool, text: String = "", toolName: String? = nil, hasRun: Bool = false,
        cursorBefore: ResponseCursor? = nil
    ) {
        self.id = id
        self.kind = kind
        self.isFinished = isFinished
        self.text = text
        self.toolName = toolName
        self.hasRun = hasRun
        self.cursorBefore = cursorBefore
    }

    /// Whether it must not be continued: an open tool call or open reasoning.
    var isOpenButNoText: Bool { !isFinished && kind != .text }
}
