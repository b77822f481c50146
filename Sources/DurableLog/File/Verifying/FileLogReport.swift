public import StreamCore

/// What of a log's directory is whole and what is not, as ``FileEventLog/verify()`` or ``FileLogReader/verify()`` found it.
public struct FileLogReport: Sendable, Hashable, CustomStringConvertible {
    /// Bytes that are not what was stored.
    public struct Damage: Sendable, Hashable, CustomStringConvertible {
        /// The file.
        public var path: String
        /// Where it begins, in bytes from the file's start.
        public var position: Int
        /// What is wrong there.
        public var what: String

        /// A damage from its parts.
        public init(path: String, position: Int, what: String) {
            self.path = path
            self.position = position
            self.what = what
        }

        /// One line: file, byte and what is wrong.
        public var description: String { "\(path), byte \(position): \(what)" }
    }

    /// What was found of one stream.
    public struct Stream: Sendable, Hashable, CustomStringConvertible {
        /// Its name.
        public var stream: StreamID
        /// The files that hold its events, from the oldest that is kept.
        public var segments = 0
        /// The bytes of headers and records that are whole, without the room that is reserved behind them.
        public var bytes = 0
        /// The events that are whole.
        public var events = 0
        /// The oldest and the newest of them; nil when there is none.
        public var range: ClosedRange<Offset>?
        /// Whether it is closed.
        public var isClosed = false
        /// What was not wholly written, or not synced and lost.
        ///
        /// The writer cuts it off; nothing that was acknowledged as synced is in it. While a writer is at work, this may be what it is writing.
        public var tornTail: Damage?
        /// What was stored and is not whole any more, below the commit mark: events are lost, or the way to find them.
        public var damage: [Damage] = []

        init(_ stream: StreamID) {
            self.stream = stream
        }

        /// A line, and one for each thing that is not whole.
        public var description: String {
            let state = damage.isEmpty ? isClosed ? "closed" : "open" : "DAMAGED"
            let place = range.map { ", \($0.lowerBound) … \($0.upperBound)" } ?? ""
            var lines = ["\(stream): \(state), \(events) events in \(bytes) bytes, \(segments) segments\(place)"]
            if let tornTail { lines.append("  torn tail: \(tornTail)") }
            lines += damage.map { "  damage: \($0)" }
            return lines.joined(separator: "\n")
        }
    }

    /// The log's directory.
    public var directory: String
    /// Its streams, in bytewise order of their names.
    public var streams: [Stream] = []
    /// What is damaged beside the streams: the log's own files, and what is kept of deleted streams for their forks.
    public var damage: [Damage] = []

    init(directory: String) {
        self.directory = directory
    }

    /// Whether nothing is damaged; a torn tail is no damage.
    public var isWhole: Bool { damage.isEmpty && streams.allSatisfy(\.damage.isEmpty) }

    /// The streams, one after the other, and a last line that sums up.
    public var description: String {
        let count = damage.count + streams.reduce(0) { $0 + $1.damage.count }
        let torn = streams.count { $0.tornTail != nil }
        var lines = streams.map(\.description)
        lines += damage.map { "damage: \($0)" }
        lines.append(
            "\(directory): \(isWhole ? "whole" : "\(count) damaged places"), \(streams.count) streams"
                + (torn == 0 ? "" : ", \(torn) with a torn tail"))
        return lines.joined(separator: "\n")
    }
}
