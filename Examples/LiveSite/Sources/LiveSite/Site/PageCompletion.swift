import AgentKit
import StreamCore

/// Finds out when nothing more will come of a page: every agent has ended, and what was written has been judged.
struct PageCompletion: Sendable {
    private struct Text: Hashable {
        let agentID: String
        let runID: String
        let block: Int
    }

    private var writing = Set(PagePlan.assignments.map(\.agentID))
    private var unjudged: Set<Text> = []

    var isComplete: Bool { writing.isEmpty && unjudged.isEmpty }

    /// Takes the next event of the page's stream.
    mutating func take(_ event: StreamEvent) {
        switch event.type {
        case .complete, .error: writing.remove(event.source)
        // Reasoning is not judged.
        case .block: if let text = text(of: event, holding: "content") { unjudged.insert(text) }
        case .quality: if let text = text(of: event, holding: "score") { unjudged.remove(text) }
        default: break
        }
    }

    private func text(of event: StreamEvent, holding field: String) -> Text? {
        guard let value = try? JSONValue(parsing: event.payload), value[field] != nil,
            let agentID = value["agentId"]?.stringValue, let runID = value["runId"]?.stringValue,
            let block = value["block"]?.intValue
        else { return nil }
        return Text(agentID: agentID, runID: runID, block: block)
    }
}
