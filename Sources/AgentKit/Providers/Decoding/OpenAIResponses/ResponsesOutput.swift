internal import StreamCore

/// The output of a response while it comes: which parts there are, what of them has been told, and what is left to tell.
struct ResponsesOutput: Sendable {
    /// Whether the stream began with the response: what comes only as a whole is then new, else it may have been told by
    /// the stream that this one resumes.
    var isFresh = true
    private(set) var sawItem = false
    private(set) var hasCalls = false
    private(set) var unreadable: String?
    private(set) var refusal = ""
    private var parts: [ResponsesPart] = []
    private var refusalCarry = SurrogateCarry()
    private var nextNumber = 0
    private var budget: RetentionBudget
    private let limits: DecodingLimits

    init(limits: DecodingLimits) {
        self.limits = limits
        budget = RetentionBudget(limits)
    }

    // MARK: Text

    /// Begins a part of a message or of reasoning, with what text it has already.
    mutating func beginPart(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, at index: Int, text: JSONNode?,
        into events: inout [ModelEvent]
    ) throws(ModelError) {
        let place = try place(kind, item, index, isBeginning: true, into: &events)
        tell(text, at: place, into: &events)
    }

    /// Tells of the next piece of a part.
    mutating func appendText(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, at index: Int, text: JSONNode?,
        logprobs: [TokenLogprob] = [], into events: inout [ModelEvent]
    ) throws(ModelError) {
        let place = try place(kind, item, index, isBeginning: false, into: &events)
        if !logprobs.isEmpty { events.append(.logprobs(block: parts[place].number, logprobs)) }
        tell(text, at: place, into: &events)
        parts[place].isTold = true
    }

    /// Takes the whole text of a part, which is told unless its pieces were.
    mutating func completeText(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, at index: Int, text: JSONNode?,
        into events: inout [ModelEvent]
    ) throws(ModelError) {
        let place = try place(kind, item, index, isBeginning: false, into: &events)
        if !parts[place].isTold { tell(text, at: place, into: &events) }
    }

    private mutating func tell(_ text: JSONNode?, at place: Int, into events: inout [ModelEvent]) {
        guard let piece = text?.string(joining: &parts[place].carry) else { return }
        if !piece.isEmpty { events.append(parts[place].event(piece)) }
        if text?.rawBytes.isEmpty == false { parts[place].isTold = true }
    }

    /// Ends a part.
    mutating func endPart(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, at index: Int, into events: inout [ModelEvent]
    ) throws(ModelError) {
        finish(try place(kind, item, index, isBeginning: false, into: &events), into: &events)
    }

    /// Tells of a source of a part.
    mutating func cite(
        _ annotation: JSONNode, _ item: ResponsesItemKey, at index: Int, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let title = annotation["title"]?.string ?? annotation["filename"]?.string
        let url = annotation["url"]?.string
        guard title != nil || url != nil else { return }
        let place = try place(.text, item, index, isBeginning: false, into: &events)
        parts[place].citations += 1
        events.append(.citation(block: parts[place].number, Citation(url: url, title: title)))
    }

    /// Tells of the sources in a whole part, unless they were told.
    mutating func completeCitations(
        _ annotations: JSONNode?, _ item: ResponsesItemKey, at index: Int, into events: inout [ModelEvent]
    ) throws(ModelError) {
        guard let annotations, isFresh else { return }
        guard parts.last(where: { $0.matches(.text, item, index) })?.citations == 0 else { return }
        for annotation in annotations.elements { try cite(annotation, item, at: index, into: &events) }
    }

    /// Takes the next piece of a refusal, or all of it.
    mutating func refuse(_ text: JSONNode?, isWhole: Bool) throws(ModelError) {
        guard let text = isWhole ? text?.string : text?.string(joining: &refusalCarry) else { return }
        try budget.take(text)
        if !isWhole { refusal += text } else if refusal.isEmpty { refusal = text }
    }

    // MARK: Calls

    /// Begins a call.
    mutating func beginCall(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, _ node: JSONNode, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let place = try place(kind, item, 0, isBeginning: true, into: &events)
        guard parts[place].input.name.isEmpty else { return }
        parts[place].input = ToolInput(
            callID: node["call_id"]?.string ?? node["id"]?.string ?? "", name: node["name"]?.string ?? "")
        parts[place].input.announce(block: parts[place].number, into: &events)
        if let text = node[kind == .call ? "arguments" : "input"]?.string {
            try append(text, to: place, into: &events)
        }
    }

    /// Tells of the next piece of a call's input.
    mutating func appendInput(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, _ delta: JSONNode?, into events: inout [ModelEvent]
    ) throws(ModelError) {
        // Of a call that began before this stream nothing is known until it ends.
        guard let place = parts.lastIndex(where: { $0.matches(kind, item, 0) }), !parts[place].isFinished,
            let text = delta?.string(joining: &parts[place].input.carry)
        else { return }
        try append(text, to: place, into: &events)
    }

    private mutating func append(_ text: String, to place: Int, into events: inout [ModelEvent]) throws(ModelError) {
        try parts[place].input.append(text, block: parts[place].number, budget: &budget, into: &events)
    }

    /// Ends a call, whose item has come whole.
    mutating func endCall(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, _ node: JSONNode, isDone: Bool,
        into events: inout [ModelEvent]
    ) throws(ModelError) {
        let isKnown = parts.contains { $0.matches(kind, item, 0) }
        if !isKnown || isFresh { try beginCall(kind, item, node, into: &events) }
        guard let place = parts.lastIndex(where: { $0.matches(kind, item, 0) }), !parts[place].isFinished else {
            return
        }
        let whole = node[kind == .call ? "arguments" : "input"]?.string
        if let whole, parts[place].input.text.isEmpty { try append(whole, to: place, into: &events) }
        let status = node["status"]?.string
        let isCut = status == "incomplete" || status == "in_progress" && !isDone
        finishCall(place, whole: whole, isCut: isCut, into: &events)
    }

    private mutating func finishCall(
        _ place: Int, whole: String?, isCut: Bool, into events: inout [ModelEvent]
    ) {
        let part = parts[place]
        var input = part.input
        if let whole, whole != input.text {
            // Of a call that began before this stream, only the item has all of the input.
            input = ToolInput(callID: input.callID, name: input.name)
            var untold: [ModelEvent] = []
            try? input.append(whole, block: part.number, budget: &budget, into: &untold)
        }
        let value = part.kind == .customCall ? .string(input.text) : input.value
        if let value, !isCut, !input.name.isEmpty {
            hasCalls = true
            events.append(
                .toolCall(block: part.number, ToolCall(id: input.callID, name: input.name, input: value)))
        } else {
            unreadable = unreadable ?? input.name
        }
        parts[place].isFinished = true
        events.append(.blockFinished(block: part.number))
    }

    // MARK: Other items

    /// Tells of an item that is a block of its own.
    mutating func tellItem(into events: inout [ModelEvent], _ tell: (Int, inout [ModelEvent]) -> Void) {
        tell(nextNumber, &events)
        events.append(.blockFinished(block: nextNumber))
        nextNumber += 1
    }

    /// Notes that the response has output.
    mutating func noteItem() { sawItem = true }

    /// Ends an item: its reasoning goes back as one, with the last of its blocks.
    mutating func endItem(_ item: ResponsesItemKey, data: ProviderData?, into events: inout [ModelEvent]) {
        let places = parts.indices.filter { parts[$0].item == item && !parts[$0].isFinished }
        for place in places.dropLast() { finish(place, into: &events) }
        if let last = places.last {
            flush(last, into: &events)
            if let data { events.append(.providerData(block: parts[last].number, data)) }
            finish(last, into: &events)
        } else if let data {
            tellItem(into: &events) { number, events in events.append(.providerData(block: number, data)) }
        }
        parts.removeAll { $0.item == item }
    }

    /// Ends everything; open calls are not made.
    mutating func end(into events: inout [ModelEvent]) {
        for place in parts.indices { finish(place, into: &events) }
        parts = []
    }

    private mutating func finish(_ place: Int, into events: inout [ModelEvent]) {
        guard !parts[place].isFinished else { return }
        if parts[place].kind == .call || parts[place].kind == .customCall {
            unreadable = unreadable ?? parts[place].input.name
        } else {
            flush(place, into: &events)
        }
        parts[place].isFinished = true
        events.append(.blockFinished(block: parts[place].number))
    }

    private mutating func flush(_ place: Int, into events: inout [ModelEvent]) {
        let rest = parts[place].carry.flush()
        if !rest.isEmpty { events.append(parts[place].event(rest)) }
    }

    // MARK: Places

    /// Where a part is; it is begun when it is not known.
    private mutating func place(
        _ kind: ResponsesPart.Kind, _ item: ResponsesItemKey, _ index: Int, isBeginning: Bool,
        into events: inout [ModelEvent]
    ) throws(ModelError) -> Int {
        if let place = parts.lastIndex(where: { $0.matches(kind, item, index) }) { return place }
        try limits.checkOpenBlocks(parts.count)
        // The parts of an item's reasoning follow one another; the last stays open for what goes back with it.
        if kind == .summary || kind == .reasoning {
            for place in parts.indices where parts[place].item == item && parts[place].isReasoning {
                finish(place, into: &events)
            }
        }
        parts.append(
            ResponsesPart(
                item: item, index: index, kind: kind, number: nextNumber, isTold: !isBeginning && !isFresh))
        nextNumber += 1
        return parts.count - 1
    }
}

extension ResponsesPart {
    func matches(_ kind: Kind, _ item: ResponsesItemKey, _ index: Int) -> Bool {
        self.kind == kind && self.index == index && self.item == item
    }
}
