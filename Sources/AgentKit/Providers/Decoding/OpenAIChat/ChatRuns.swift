internal import StreamCore

/// The runs of answer and reasoning in a choice: a new one begins where the other ended, and where a tool call came between.
struct ChatRuns: Sendable {
    private enum Kind: Sendable { case content, reasoning }

    private var kind: Kind?
    private var number = 0
    private var carry = SurrogateCarry()
    private var heldLogprobs: [TokenLogprob] = []
    private static let mostHeld = 1_024

    /// Tells of the next piece of the answer.
    mutating func content(_ node: JSONNode, numbers: inout Int, into events: inout [ModelEvent]) {
        if let text = piece(node, .content, &numbers, &events) {
            events.append(.content(block: number, text: text))
        }
    }

    /// Tells of the next piece of the reasoning.
    mutating func reasoning(_ node: JSONNode, numbers: inout Int, into events: inout [ModelEvent]) {
        if let text = piece(node, .reasoning, &numbers, &events) {
            events.append(.reasoning(block: number, text: text))
        }
    }

    /// Whether nothing of an earlier piece waits for the next one.
    var isRepeatable: Bool { kind != nil && !carry.isPending && heldLogprobs.isEmpty }

    /// Tells of another piece of the run that is open.
    func `repeat`(_ text: String, into events: inout [ModelEvent]) {
        events.append(kind == .reasoning ? .reasoning(block: number, text: text) : .content(block: number, text: text))
    }

    /// Keeps log probabilities until the text comes that they are of.
    mutating func hold(_ tokens: [TokenLogprob]) {
        heldLogprobs += tokens
        if heldLogprobs.count > ChatRuns.mostHeld { heldLogprobs.removeFirst(heldLogprobs.count - ChatRuns.mostHeld) }
    }

    /// Forgets log probabilities of which no text came.
    mutating func dropHeld() {
        heldLogprobs = []
    }

    /// Tells of a source of the answer.
    mutating func cite(_ citation: Citation, numbers: inout Int, into events: inout [ModelEvent]) {
        begin(.content, &numbers, &events)
        events.append(.citation(block: number, citation))
    }

    /// Ends the run that is open.
    mutating func end(into events: inout [ModelEvent]) {
        guard let kind else { return }
        let rest = carry.flush()
        if !rest.isEmpty {
            events.append(
                kind == .content ? .content(block: number, text: rest) : .reasoning(block: number, text: rest))
        }
        events.append(.blockFinished(block: number))
        self.kind = nil
    }

    private mutating func begin(_ next: Kind, _ numbers: inout Int, _ events: inout [ModelEvent]) {
        guard kind != next else { return }
        end(into: &events)
        kind = next
        number = numbers
        numbers += 1
    }

    /// The text of a piece, which begins a run unless it is empty.
    private mutating func piece(
        _ node: JSONNode, _ next: Kind, _ numbers: inout Int, _ events: inout [ModelEvent]
    ) -> String? {
        guard node.kind == .string, !node.rawBytes.isEmpty else { return nil }
        begin(next, &numbers, &events)
        guard let text = node.string(joining: &carry), !text.isEmpty else { return nil }
        if !heldLogprobs.isEmpty {
            events.append(.logprobs(block: number, heldLogprobs))
            heldLogprobs = []
        }
        return text
    }
}
