import DurableLog
import StreamCore
import StreamRecovery

/// A reader of one run that notes all it sees, leaves, and comes back with the last offset that it saw.
struct LogReader {
    let directory: String
    let stream: StreamID
    /// Every event that it saw, in the order in which it saw them.
    private(set) var noted: [LoggedEvent] = []

    /// Reads on from the last event that was seen, whether or not a process has the log.
    ///
    /// - Returns: Whether the stream is closed and this is its end.
    mutating func readOn() async throws -> Bool {
        let (events, isAtEnd) = try await read(after: noted.last?.offset ?? .start)
        noted += events
        return isAtEnd
    }

    /// Compares what was noted with all that the log has.
    func compareWithLog() async throws {
        let (events, _) = try await read(after: .start)
        for (seen, kept) in zip(noted, events) where seen != kept {
            throw Fault("the log has another event at \(kept.offset) than the one that was seen at \(seen.offset)")
        }
        guard events.count == noted.count else {
            throw Fault("\(noted.count) events were seen in the log, which has \(events.count)")
        }
        var last = Offset.start
        for event in events {
            let isNext = event.offset == last.successor || (event.offset.era > last.era && event.offset > last)
            guard isNext else { throw Fault("the event after \(last) is \(event.offset)") }
            last = event.offset
        }
    }

    // A reader of the log's files, as other processes read them, where the writer was killed too: it repairs nothing.
    private func read(after start: Offset) async throws -> ([LoggedEvent], Bool) {
        let log = FileEventLog.reader(directory: directory)
        var events: [LoggedEvent] = []
        var offset = start
        do throws(EventLogError) {
            while true {
                let page = try await log.read(stream, after: offset, limit: PageLimit(events: 64))
                events += page.events
                offset = page.next
                if page.isUpToDate { return (events, page.isAtEnd) }
            }
        } catch {
            // The process was killed before there was anything.
            if error.code == .notFound, noted.isEmpty { return ([], false) }
            throw error
        }
    }
}

/// What of a chunk or a seam the reader of the tool's output and the reader of the log must agree on.
struct Sighting: Hashable, CustomStringConvertible {
    let description: String

    /// What stands in a JSON object; nil for what only one of them is shown.
    init?(_ value: JSONValue) {
        guard let type = value["type"]?.stringValue, ["content", "reasoning", "seam", "finish"].contains(type) else {
            return nil
        }
        var words = [type]
        for field in ["block", "content", "reasoning", "finish"] {
            if let value = value[field] { words.append(value.jsonString) }
        }
        description = words.joined(separator: " ")
    }

    init?(_ event: StreamEvent) {
        guard event.visibility == .public, let value = try? JSONValue(parsing: event.payload) else { return nil }
        self.init(value)
    }

    init?(_ line: String) {
        guard let value = try? JSONValue(parsing: Array(line.utf8)) else { return nil }
        self.init(value)
    }
}
