internal import StreamCore

/// The tool calls of a choice, put together from their pieces by index, id or order, whichever a server gives.
struct ChatToolCalls: Sendable {
    private struct Call: Sendable {
        /// The index on the wire; nil where the server gives none.
        var index: Int?
        /// The id on the wire; empty where the server gives none.
        var wireID: String
        /// The number of its block; nil until the tool's name is known.
        var number: Int?
        var input: ToolInput
    }

    private var calls: [Call] = []
    private var budget: RetentionBudget
    private let limits: DecodingLimits

    init(limits: DecodingLimits) {
        self.limits = limits
        budget = RetentionBudget(limits)
    }

    var isEmpty: Bool { calls.isEmpty }

    /// What ids are made from where the server gives none: the response's id, so that they differ between responses.
    var idPrefix = "call"

    /// Takes a piece of a call.
    ///
    /// - Parameter onlyIndex: The index of a call that is the only one, as in the old `function_call`.
    mutating func apply(
        _ piece: JSONNode, onlyIndex: Int? = nil, runs: inout ChatRuns, numbers: inout Int,
        into events: inout [ModelEvent]
    ) throws(ModelError) {
        let function = piece["function"] ?? piece
        let id = piece["id"]?.string ?? ""
        let name = function["name"]?.string ?? ""
        let place = try place(index: onlyIndex ?? piece["index"]?.int, id: id, name: name)
        if calls[place].input.name.isEmpty, !name.isEmpty {
            runs.end(into: &events)
            let number = numbers
            numbers += 1
            calls[place].number = number
            let waiting = calls[place].input.text
            let callID = calls[place].wireID
            calls[place].input = ToolInput(callID: callID.isEmpty ? "\(idPrefix)_\(place)" : callID, name: name)
            calls[place].input.announce(block: number, into: &events)
            try calls[place].input.append(waiting, block: number, budget: &budget, into: &events)
        }
        guard let arguments = function["arguments"], !arguments.isNull else { return }
        // Some servers send the input as an object instead of its text.
        let text =
            arguments.kind == .string
            ? arguments.string(joining: &calls[place].input.carry) ?? ""
            : String(decoding: arguments.rawBytes, as: UTF8.self)
        if let number = calls[place].number {
            try calls[place].input.append(text, block: number, budget: &budget, into: &events)
        } else {
            // Nothing can be told of a call before its tool is known.
            var untold: [ModelEvent] = []
            try calls[place].input.append(text, block: 0, budget: &budget, into: &untold)
        }
    }

    /// Where the call is that a piece belongs to, which may be a new one.
    private mutating func place(index: Int?, id: String, name: String) throws(ModelError) -> Int {
        let known: Int?
        if let index {
            known = calls.lastIndex { $0.index == index }
        } else if !id.isEmpty {
            known = calls.lastIndex { $0.wireID == id }
        } else {
            // A name begins a call, unless the server repeats it with each piece.
            let isRepeated = calls.last.map { $0.input.name == name && $0.input.value?.objectValue?.isEmpty ?? true }
            known = name.isEmpty || isRepeated == true ? calls.indices.last : nil
        }
        if let known {
            // Servers that give all calls the same index tell them apart by id, each with its name.
            let isOther =
                !id.isEmpty && !calls[known].wireID.isEmpty && calls[known].wireID != id && !name.isEmpty
            if !isOther {
                if calls[known].wireID.isEmpty { calls[known].wireID = id }
                return known
            }
        }
        try limits.checkOpenBlocks(calls.count)
        calls.append(Call(index: index, wireID: id, input: ToolInput(callID: id, name: "")))
        return calls.count - 1
    }

    /// Tells of the calls, all of which are over; returns the tool of one whose input is not whole JSON.
    ///
    /// - Parameter wasCut: Whether the limit of tokens cut the answer: the last call may look whole and not be.
    mutating func finish(wasCut: Bool, into events: inout [ModelEvent]) -> String? {
        var unreadable: String?
        for (place, call) in calls.enumerated() {
            guard let number = call.number else {
                unreadable = unreadable ?? "(unnamed)"
                continue
            }
            let isDoubtful = wasCut && place == calls.count - 1
            if let value = call.input.value, !isDoubtful || !call.input.isEmpty && value.objectValue != nil {
                events.append(
                    .toolCall(block: number, ToolCall(id: call.input.callID, name: call.input.name, input: value)))
            } else {
                unreadable = unreadable ?? call.input.name
            }
            events.append(.blockFinished(block: number))
        }
        calls = []
        return unreadable
    }
}
