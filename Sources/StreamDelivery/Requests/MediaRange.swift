import WireProtocols

extension HeaderFields {
    /// Whether the client names event streams among what it accepts, as an `EventSource` does (WHATWG HTML §9.2.3).
    var acceptsEventStream: Bool {
        values(of: "accept").contains { $0.lowercased().contains("text/event-stream") }
    }

    /// Whether the client would rather have JSON than an event stream: `accept` names the one, and not the other (RFC 9110 §12.5.1).
    ///
    /// Who accepts anything gets the event stream.
    var prefersJSON: Bool {
        var hasJSON = false
        for value in values(of: "accept") {
            for range in value.split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
                guard let type = parts.first, !parts.contains("q=0") else { continue }
                if type == "text/event-stream" { return false }
                if type == "application/json" { hasJSON = true }
            }
        }
        return hasJSON
    }
}
