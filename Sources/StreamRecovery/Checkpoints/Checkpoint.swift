public import StreamCore

/// What a run had come to at a position of its stream, so that whoever takes it over need not read the log from the start.
///
/// A checkpoint is a shortcut and never the truth: the log is. One that is missing, damaged or too old costs time, and nothing else: the state is then rebuilt from the log.
///
/// Its JSON form is one flat object: `id`, `streamId`, `runId`, `position`, `content`, `metadata`, `state`, `timestamp` and `ttl` in milliseconds, and last `checksum`: the CRC32C of all
/// bytes before its comma, as eight hexadecimal digits in lower case.
public struct Checkpoint: Sendable, Hashable {
    /// What names a run's checkpoint: a store keeps the newest of each.
    public struct Key: Sendable, Hashable {
        /// The stream that the run writes to.
        public var stream: StreamID
        /// The run.
        public var run: String

        /// A key from its parts.
        public init(stream: StreamID, run: String) {
            self.stream = stream
            self.run = run
        }

        /// Whether both are the same, code unit by code unit: Swift's own comparison takes equivalent texts for equal.
        public static func == (lhs: Key, rhs: Key) -> Bool {
            lhs.stream == rhs.stream && lhs.run.utf8.elementsEqual(rhs.run.utf8)
        }

        /// Hashes stream and run; equivalent texts may have the same hash.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(stream)
            hasher.combine(run)
        }
    }

    /// The checkpoint's identity, another for each.
    public var id: String
    /// Whose it is.
    public var key: Key
    /// The last event of the stream that is contained.
    public var position: Offset
    /// The text so far, for people and for a quick look.
    public var content: String
    /// Values of the host's own.
    public var metadata: JSONObject
    /// What the executor needs to go on, in its own form.
    public var state: JSONValue
    /// When it was made, whole milliseconds.
    public var timestamp: Timestamp
    /// How long after that it may be used, whole milliseconds: an hour by default.
    public var timeToLive: Duration

    /// A checkpoint from its parts.
    public init(
        id: String, key: Key, position: Offset, content: String, metadata: JSONObject = [:],
        state: JSONValue = .null, timestamp: Timestamp, timeToLive: Duration = .seconds(3600)
    ) {
        self.id = id
        self.key = key
        self.position = position
        self.content = content
        self.metadata = metadata
        self.state = state
        self.timestamp = timestamp
        self.timeToLive = timeToLive
    }

    /// When it may no longer be used.
    public var expiresAt: Timestamp {
        let (sum, overflow) = timestamp.millisecondsSince1970.addingReportingOverflow(timeToLive.wholeMilliseconds)
        return Timestamp(millisecondsSince1970: overflow ? (timeToLive < .zero ? .min : .max) : sum)
    }
}

/// What a store has for a run, judged: damage and age are told, so that the caller rebuilds from the log and can say why.
public enum CheckpointAnswer: Sendable, Hashable {
    /// It is whole and may be used.
    case found(Checkpoint)
    /// There is none.
    case none
    /// There is one that is too old, since that moment.
    case expired(Timestamp)
    /// There is something that is not the checkpoint it should be; the text says what is wrong.
    case damaged(String)

    /// The checkpoint, when it may be used.
    public var checkpoint: Checkpoint? {
        if case .found(let checkpoint) = self { checkpoint } else { nil }
    }
}
