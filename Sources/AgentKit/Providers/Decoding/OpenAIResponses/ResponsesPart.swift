internal import StreamCore

/// One stretch of a response's output that is a block: a part of a message or of reasoning, or a whole call.
struct ResponsesPart: Sendable {
    /// What a part is.
    enum Kind: Sendable, Hashable {
        case text, summary, reasoning, call
        /// A call whose input is plain text.
        case customCall
    }

    /// The output item that the part belongs to.
    let item: ResponsesItemKey
    /// The part's place within the item.
    let index: Int
    let kind: Kind
    /// The number among our blocks.
    let number: Int
    /// Half a character from the end of the last piece.
    var carry = SurrogateCarry()
    var input = ToolInput(callID: "", name: "")
    /// Whether a piece has been told, or came before this stream began.
    var isTold: Bool
    var isFinished = false
    /// How many sources have been told.
    var citations = 0
}

/// What tells output items apart: their index, or, with servers that send none, their id.
struct ResponsesItemKey: Sendable, Hashable {
    var index: Int?
    var id: String?

    /// The item that an event is about.
    init(event: JSONNode) {
        index = event["output_index"]?.int
        id = index == nil ? event["item_id"]?.string ?? event["item"]?["id"]?.string : nil
    }

    /// An item in a whole response.
    init(index: Int) {
        self.index = index
    }
}

extension ResponsesPart {
    /// Whether a kind is a stretch of reasoning.
    var isReasoning: Bool { kind == .summary || kind == .reasoning }

    /// The event for a piece of text.
    func event(_ text: String) -> ModelEvent {
        isReasoning ? .reasoning(block: number, text: text) : .content(block: number, text: text)
    }
}
