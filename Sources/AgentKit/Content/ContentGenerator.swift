public import StreamCore

/// Writes the parts of a section, each by a request of its own: headline, subheadline, body, call to action, or any others.
///
///     let generator = ContentGenerator(model: model)
///     for try await chunk in generator.generateContent(ContentSection(title: "Skates", brief: "New blades, old ice")) {
///         bars[chunk.part].append(chunk.content)
///     }
///
/// Each part yields a chunk with the mark `started`, its pieces, and one with the mark `finished`. The first part that fails
/// ends the stream with a ``ContentError`` that names it: parts that are under way are cancelled, what they and finished parts
/// yielded stays valid, and parts that were not begun are not asked for. After ``StreamingAgent/interrupt()`` the stream
/// ends without an error, and parts that were not begun are left out.
///
/// With an agent whose runs are kept and a ``project``, each part is a run of the project, whose agent is the part: its progress is
/// told by itself, `queued` from the beginning and `cancelled` where it is never written, so that a
/// ``/ProgressTracking/ProjectProgress`` says how far the whole section is.
public struct ContentGenerator: Sendable {
    /// How the parts follow one another.
    public enum Mode: Sendable, Hashable {
        /// One after another; each part's prompt has the text of those before it.
        case inOrder
        /// At most so many at a time (at least 1), begun in order; none knows of another.
        case concurrent(limit: Int)
    }

    /// The agent that writes.
    public let agent: StreamingAgent
    /// The parts, in order; their names should differ.
    public let parts: [ContentPart]
    /// How the parts follow one another.
    public let mode: Mode
    /// The project whose stream holds the parts' runs, for an agent with a ``AgentConfiguration/store``; nil for a project of each part's own.
    public let project: StreamID?

    /// A generator whose parts an agent of the caller's writes.
    public init(
        agent: StreamingAgent, parts: [ContentPart] = ContentPart.standard, mode: Mode = .inOrder,
        project: StreamID? = nil
    ) {
        self.agent = agent
        self.parts = parts
        self.mode = mode
        self.project = project
    }

    /// A generator on a model, with instructions made for the purpose and a temperature of 0.7.
    public init(
        model: any StreamingModel, parts: [ContentPart] = ContentPart.standard, mode: Mode = .inOrder,
        project: StreamID? = nil, configure: (inout AgentConfiguration) -> Void = { _ in }
    ) {
        let agent = StreamingAgent(name: "content", model: model, instructions: ContentGenerator.instructions) {
            $0.sampling.temperature = 0.7
            configure(&$0)
        }
        self.init(agent: agent, parts: parts, mode: mode, project: project)
    }

    /// The instructions of a generator that was made from a model.
    public static let instructions = """
        You write the copy of web pages, one part at a time. Answer with the text of the part that is asked for and with \
        nothing else: no label, no quotation marks around it, no remarks. Keep to what the brief and the parts that are \
        written already say.
        """

    /// The section's parts as a stream; the first request is sent when the first chunk is asked for.
    public func generateContent(_ section: ContentSection) -> ContentStream {
        ContentStream(generator: self, section: section)
    }

    /// Writes the section and waits for all parts, for callers that do not stream.
    ///
    /// - Returns: The parts that were written, in order; all of them unless the agent was interrupted.
    /// - Throws: ``ContentError`` for the first part that fails.
    public func collectContent(_ section: ContentSection) async throws(ContentError) -> GeneratedContent {
        try await write(section) { _ in }
    }
}

/// A section that was written.
public struct GeneratedContent: Sendable, Hashable {
    /// A part that was written.
    public struct Part: Sendable, Hashable {
        /// The part's name.
        public var name: String
        /// The part's text.
        public var text: String

        /// A part from its parts.
        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// The parts, in the generator's order.
    public var parts: [Part]
    /// The tokens of all parts.
    public var usage: Usage

    /// Content from its parts.
    public init(parts: [Part], usage: Usage) {
        self.parts = parts
        self.usage = usage
    }

    /// The text of the part `name`; nil when there is none.
    public subscript(name: String) -> String? { parts.first { $0.name == name }?.text }
}
