/// What a stream holds: a typed header and one line of JSON.
///
/// The payload of a public event is the JSON that browsers see, so that sending it over a wire adds a prefix and a suffix and
/// nothing else. Internal events (requests with their prompts, signatures, what tools said in confidence) are for recovery
/// only: no reader outside ever gets one.
public struct StreamEvent: Sendable, Hashable {
    /// The event's name on the wire, as an open-ended code.
    public struct EventType: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
        /// The name, `agent:content` say; without line breaks.
        public let rawValue: String

        /// A type from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The name.
        public var description: String { rawValue }

        /// A piece of an answer, or a source for it.
        public static let content = EventType(rawValue: "agent:content")
        /// A piece of reasoning.
        public static let reasoning = EventType(rawValue: "agent:reasoning")
        /// A tool's input, call or result.
        public static let tool = EventType(rawValue: "agent:tool")
        /// Tokens used so far.
        public static let usage = EventType(rawValue: "agent:usage")
        /// How far an agent is.
        public static let progress = EventType(rawValue: "agent:progress")
        /// An answer broke and goes on, or starts anew: where, and how.
        public static let seam = EventType(rawValue: "agent:seam")
        /// A judgement of what an agent wrote.
        public static let quality = EventType(rawValue: "agent:quality")
        /// Events are missing that are not kept any more; never in a log, only on its way to a reader.
        public static let gap = EventType(rawValue: "agent:gap")
        /// A run failed.
        public static let error = EventType(rawValue: "agent:error")
        /// A run ended well.
        public static let complete = EventType(rawValue: "agent:complete")
    }

    /// Who may see an event.
    public enum Visibility: UInt8, Sendable, Hashable {
        /// Every reader of the stream.
        case `public` = 0
        /// The package itself.
        case `internal` = 1
    }

    /// The event's name.
    public var type: EventType
    /// Who may see it.
    public var visibility: Visibility
    /// Who it comes from, an agent's id say, so that readers can choose without reading the payload; empty for nobody in particular.
    public var source: String
    /// One JSON value in UTF-8, without line breaks.
    public var payload: [UInt8]

    /// An event from its parts; `payload` is taken as it is.
    public init(type: EventType, visibility: Visibility = .public, source: String = "", payload: [UInt8]) {
        self.type = type
        self.visibility = visibility
        self.source = source
        self.payload = payload
    }
}

/// Whose chunk it is, where the agents of a project share one stream.
public struct ChunkOrigin: Sendable, Hashable {
    /// The project, whose stream it is.
    public var projectID: String
    /// The agent.
    public var agentID: String
    /// The agent's run.
    public var runID: String

    /// An origin from its parts.
    public init(projectID: String, agentID: String, runID: String) {
        self.projectID = projectID
        self.agentID = agentID
        self.runID = runID
    }
}

extension StreamEvent {
    /// The public event of an agent's chunk: the chunk's JSON with `projectId`, `agentId` and `runId` before its own fields.
    public init(_ chunk: AgentChunk, from origin: ChunkOrigin) {
        self = ChunkEventEncoder(origin).event(of: chunk)
    }
}

/// Makes the events of one origin's chunks; what all of them begin with is encoded once.
package struct ChunkEventEncoder: Sendable {
    /// Whose chunks they are.
    package let origin: ChunkOrigin
    private let opening: [UInt8]

    /// An encoder for an origin's chunks.
    package init(_ origin: ChunkOrigin) {
        self.origin = origin
        var bytes: [UInt8] = []
        JSONWriter.append(raw: "{\"projectId\":", to: &bytes)
        JSONWriter.append(origin.projectID, to: &bytes)
        JSONWriter.append(raw: ",\"agentId\":", to: &bytes)
        JSONWriter.append(origin.agentID, to: &bytes)
        JSONWriter.append(raw: ",\"runId\":", to: &bytes)
        JSONWriter.append(origin.runID, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        opening = bytes
    }

    /// The public event of a chunk, as ``StreamEvent/init(_:from:)`` makes it.
    package func event(of chunk: AgentChunk) -> StreamEvent {
        var payload: [UInt8] = []
        // A token with its confidence and time takes some 120 bytes.
        payload.reserveCapacity(opening.count + 136)
        payload.append(contentsOf: opening)
        chunk.writeFields(into: &payload)
        payload.append(UInt8(ascii: "}"))
        return StreamEvent(type: chunk.eventType, source: origin.agentID, payload: payload)
    }
}

extension AgentChunk {
    /// The name of the event that carries this chunk.
    public var eventType: StreamEvent.EventType {
        switch payload {
        case .content, .citation: .content
        case .reasoning: .reasoning
        case .toolInput, .toolCall, .toolResult: .tool
        case .usage: .usage
        case .seam: .seam
        case .finish: .complete
        case .error: .error
        }
    }
}
