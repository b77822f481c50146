import DurableLog
import StreamCore

/// What is done to a log, step by step, with everything that a stream can have.
struct LogStory: Sendable {
    enum Step: Sendable {
        case create(StreamID, StreamOptions = StreamOptions())
        /// Events of which the payloads have at least so many bytes.
        case append(StreamID, Int = 1, Durability = .buffered, size: Int = 0, isStamped: Bool = false)
        case barrier(StreamID)
        case claim(StreamID)
        case close(StreamID)
        case delete(StreamID)
        /// The log is shut down and opened again.
        case reopen
    }

    var steps: [Step]

    /// Small segments of 16 events each, without any being trimmed in a story as short as these.
    static let segmented = StreamOptions(retention: Retention(maxEvents: 64))

    /// A stream of several segments; batches, producers and claims; one that is closed; one that was deleted and made again.
    static let everything = LogStory(steps: [
        .create("s", segmented), .append("s"), .append("s", 3, .synced), .claim("s"),
        .append("s", 2, isStamped: true), .append("s", 1, .synced, isStamped: true), .append("s", 4, size: 40),
        .create("gone"), .append("gone", 2, .synced), .append("s", 5), .append("s", 3, .synced), .claim("s"),
        .append("s", 2, isStamped: true), .create("c"), .append("c", 2, .synced), .append("c"), .barrier("c"),
        .append("s", 6, size: 20), .append("s", 3), .append("s", 2, .synced), .delete("gone"), .append("s", 5),
        .create("gone"), .append("gone"), .append("gone", 2, .synced), .append("c", 1, isStamped: true), .close("c"),
        .create("f", StreamOptions(fork: ForkPoint(source: "s"))), .append("f", 2), .append("f", 1, .synced),
        .append("s", 2, .synced, isStamped: true), .append("s", 2), .append("s", isStamped: true),
        .append("gone"), .append("f"),
    ])

    /// A stream with a checkpoint in the midst of its segment.
    static let checkpointed = LogStory(steps: [
        .create("big"), .append("big", 1, .synced, size: 66_000), .append("big", 2), .reopen,
        .append("big", 2, .synced), .append("big", 1, .synced), .append("big", 2), .append("big"),
    ])
}
