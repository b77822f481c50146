import DurableLog
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

    mutating func show(_ logged: LoggedEvent) {
        if isJSON { return write(logged) }
        switch logged.event.type {
        case .content, .reasoning, .tool, .seam, .error:
            // What this version cannot read is another's, and no reason to stop.
            guard let chunk = try? JSONDecoder().decode(AgentChunk.self, from: Data(logged.event.payload)) else {
                return
            }
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

    // The payload is one JSON value on one line: it goes in as it is.
    private func write(_ logged: LoggedEvent) {
        let type = JSONValue.string(logged.event.type.rawValue).jsonString
        var line = Array("{\"offset\":\"\(logged.offset)\",\"type\":\(type),\"data\":".utf8)
        line += logged.event.payload
        line += Array("}\n".utf8)
        Terminal.write(line)
    }
}
