public import StreamCore

/// What a GET of a stream asks for (§5.6–5.8), as its query says.
public struct DurableStreamsRead: Sendable, Hashable {
    /// From where.
    public enum Position: Sendable, Hashable {
        /// The oldest that is kept: `-1`, or nothing.
        case start
        /// The stream's end: `now`.
        case now
        /// Behind an offset.
        case after(Offset)
    }

    /// Whether the answer waits for what is to come.
    public enum Mode: String, Sendable, Hashable {
        /// What there is.
        case catchUp = ""
        /// One answer, when there is something.
        case longPoll = "long-poll"
        /// An event stream.
        case sse
    }

    /// From where.
    public var position: Position
    /// Whether the answer waits.
    public var mode: Mode
    /// The cursor that the client got last; nil for none, or where it is no number.
    public var cursor: UInt64?

    /// What is asked for, from its parts.
    public init(_ position: Position = .start, mode: Mode = .catchUp, cursor: UInt64? = nil) {
        self.position = position
        self.mode = mode
        self.cursor = cursor
    }

    /// Reads a query; parameters of other names are passed over (§11.1).
    ///
    /// - Parameter items: Names and values, percent-decoded.
    /// - Throws: ``DurableStreamsViolation`` for an offset that no server gave, one that stands there twice, a mode that there is not, and a live mode
    ///   without an offset.
    public init(query items: [(name: String, value: String)]) throws(DurableStreamsViolation) {
        let offsets = items.filter { $0.name == "offset" }.map(\.value)
        guard offsets.count <= 1 else {
            throw DurableStreamsViolation("offset", "it is there \(offsets.count) times; give one")
        }
        switch offsets.first {
        case nil, "-1": position = .start
        case "now": position = .now
        case .some(let text):
            guard let offset = Offset(text) else {
                throw DurableStreamsViolation(
                    "offset", "it must be -1, now, or what 'Stream-Next-Offset' said, not '\(text.prefix(40))'")
            }
            position = .after(offset)
        }
        let live = items.first { $0.name == "live" }?.value ?? ""
        guard let mode = Mode(rawValue: live) else {
            throw DurableStreamsViolation("live", "it must be long-poll or sse, not '\(live.prefix(40))'")
        }
        guard mode == .catchUp || !offsets.isEmpty else {
            throw DurableStreamsViolation("offset", "'live=\(live)' needs one (-1 for all, now for what is to come)")
        }
        self.mode = mode
        cursor = items.first { $0.name == "cursor" }.flatMap { StreamCursor.number($0.value) }
    }

    /// The query that asks for this, its parameters in the order of their names, so that caches know it again (§10.1).
    public var query: String {
        var parts: [String] = []
        if let cursor { parts.append("cursor=\(cursor)") }
        if mode != .catchUp { parts.append("live=\(mode.rawValue)") }
        switch position {
        case .start: parts.append("offset=-1")
        case .now: parts.append("offset=now")
        case .after(let offset): parts.append("offset=\(offset)")
        }
        return parts.joined(separator: "&")
    }
}

/// The cursor that keeps the answers of live reads apart in caches (§10.1): the number of an interval of 20 seconds.
public enum StreamCursor {
    /// 2024-10-09T00:00:00Z, when interval 0 began.
    public static let epoch = Timestamp(millisecondsSince1970: 1_728_432_000_000)
    /// The length of an interval, in milliseconds.
    public static let interval: Int64 = 20_000

    /// The cursor of an answer: that of the present, or one beyond the client's where the client has that already.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - client: The cursor that the client sent.
    ///   - random: Draws how far beyond: 1 … 3600 seconds, in whole intervals.
    public static func next(
        at now: Timestamp, after client: UInt64?, using random: inout some RandomNumberGenerator
    ) -> UInt64 {
        let elapsed = max(0, now.millisecondsSince1970 - epoch.millisecondsSince1970)
        let current = UInt64(elapsed / interval)
        guard let client, client >= current else { return current }
        let intervals = UInt64.random(in: 1...UInt64(3_600_000 / interval), using: &random)
        // What a client sends is bounded by its digits, so that this cannot overflow.
        return client + intervals
    }

    /// The number that a client sent, or nil where it is none: at most 18 digits, so that a larger one can follow.
    static func number(_ text: String) -> UInt64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return UInt64(text)
    }
}
