import DurableLog
import StreamCore

/// What those who told a story to a log know of it: what was acknowledged, and what may or may not have been done.
struct LogMemory: Sendable {
    struct Batch: Sendable {
        var numbers: [Int]
        /// The last event's place; nil when it was not acknowledged, so that nobody knows.
        var last: Offset?
        var isSynced: Bool
    }

    struct Stream: Sendable {
        enum Existence: Sendable { case made, removed, unknown }

        var existence = Existence.unknown
        var options = StreamOptions()
        /// What it has from the stream that it is a fork of.
        var inherited: [Batch] = []
        var batches: [Batch] = []
        /// Whether it is closed; nil where a close was not acknowledged.
        var isClosed: Bool? = false
        /// The largest epoch that was acknowledged; 0 for none.
        var epoch: UInt64 = 0
        var sequence: UInt64 = 0
        /// The newest offset that was ever given under the name.
        var greatest = Offset.start
    }

    var streams: [StreamID: Stream] = [:]
    var nextNumber = 0

    static let producer = ProducerID(rawValue: "p")

    static func event(_ number: Int, size: Int = 0) -> StreamEvent {
        let text = "{\"n\":\(number)}"
        let padding = String(repeating: " ", count: max(0, size - text.utf8.count))
        return StreamEvent(type: .content, source: "a", payload: Array((text + padding).utf8))
    }

    static func number(of event: StreamEvent) -> Int {
        Int(String(decoding: event.payload.dropFirst(5).prefix { $0 != UInt8(ascii: "}") }, as: UTF8.self)) ?? -1
    }
}
