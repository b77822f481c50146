import Foundation
import StreamCore

/// What `watch` shows: the answer as it was written, or one event per line.
struct WatchScreen {
    private let isJSON: Bool
    private var screen: RunScreen

    init(showsReasoning: Bool, isJSON: Bool) {
        self.isJSON = isJSON
        screen = RunScreen(showsReasoning: showsReasoning, isJSON: false)
    }

    mutating func show(_ event: WatchedEvent) {
        if isJSON { return Terminal.write(event.line) }
        switch event.type.map({ StreamEvent.EventType(rawValue: $0) }) {
        case .content, .reasoning, .tool, .seam, .error, nil:
            // What this version cannot read is another's, and no reason to stop.
            guard let chunk = try? JSONDecoder().decode(AgentChunk.self, from: Data(event.json)) else { return }
            if case .error(let failure) = chunk.payload {
                Terminal.note("agent-stream: \(failure.message) (\(failure.kind))")
            }
            screen.show(chunk, status: "", now: ContinuousClock.now)
        default: return
        }
    }

    mutating func close() {
        if !isJSON { screen.close(summary: nil) }
    }
}
