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

    /// An item by its index, or its id where there is none.
    init(index: Int?, id: JSONNode? = nil) {
        self.index = index
        self.id = index == nil ? id?.string : nil
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

/// The fields of the events that come for every token, found in one walk over the event.
struct ResponsesFields {
    var type: JSONNode?
    var sequence: JSONNode?
    var delta: JSONNode?
    var logprobs: JSONNode?
    /// The index of a message's part.
    var part: JSONNode?
    /// The index of a summary's part.
    var summary: JSONNode?
    private var output: JSONNode?
    private var itemID: JSONNode?

    init(_ root: JSONNode) {
        for (key, value) in root.members {
            // The length tells most keys apart, and costs nothing.
            switch key.rawBytes.count {
            case 4 where key.isString("type"): type = value
            case 5 where key.isString("delta"): delta = value
            case 7 where key.isString("item_id"): itemID = value
            case 8 where key.isString("logprobs"): logprobs = value
            case 12 where key.isString("output_index"): output = value
            case 13 where key.isString("content_index"): part = value
            case 13 where key.isString("summary_index"): summary = value
            case 15 where key.isString("sequence_number"): sequence = value
            default: break
            }
        }
    }

    /// The output item that the event is about.
    var item: ResponsesItemKey { ResponsesItemKey(index: output?.int, id: itemID) }
}
