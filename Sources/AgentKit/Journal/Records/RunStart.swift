public import StreamCore

/// What a run begins with: everything that another process needs to take it over.
public struct RunStart: Sendable, Hashable {
    /// The run.
    public var runID: String
    /// The name under which the run's agent is registered.
    public var agent: String
    /// The agent's part in its project: the source of the run's events.
    public var agentID: String
    /// The project, whose stream holds the run.
    public var project: StreamID
    /// How much of the project's work this run is, beside its other runs; finite and above 0.
    public var weight: Double
    /// How many tokens the run's model will write, about; nil where nobody knows.
    public var expectedTokens: Int?
    /// What the agent was asked.
    public var input: AgentInput

    var settings: RequestSettings

    init(
        runID: String, agent: String, agentID: String, project: StreamID, weight: Double, expectedTokens: Int? = nil,
        input: AgentInput, settings: RequestSettings
    ) {
        self.expectedTokens = expectedTokens
        self.runID = runID
        self.agent = agent
        self.agentID = agentID
        self.project = project
        self.weight = weight
        self.input = input
        self.settings = settings
    }

    /// Whose chunks they are.
    public var origin: ChunkOrigin {
        ChunkOrigin(projectID: project.description, agentID: agentID, runID: runID)
    }
}

/// What a run's requests say besides their conversation and their tools.
///
/// A run that is taken over keeps the instructions that it began with, whatever the agent's are by then.
struct RequestSettings: Sendable, Hashable {
    var system: String?
    var toolChoice = ToolChoice.automatic
    var sampling = Sampling()
    var responseSchema: ResponseSchema?
    var reasoningEffort: ReasoningEffort?
    var providerOptions: JSONObject = [:]
}

extension AgentConfiguration {
    /// What the requests of a run say.
    var requestSettings: RequestSettings {
        get {
            var settings = RequestSettings()
            settings.system = instructions
            settings.toolChoice = toolChoice
            settings.sampling = sampling
            settings.responseSchema = responseSchema
            settings.reasoningEffort = reasoningEffort
            settings.providerOptions = providerOptions
            return settings
        }
        set {
            instructions = newValue.system
            toolChoice = newValue.toolChoice
            sampling = newValue.sampling
            responseSchema = newValue.responseSchema
            reasoningEffort = newValue.reasoningEffort
            providerOptions = newValue.providerOptions
        }
    }
}

extension RunStart {
    var jsonFields: JSONObject {
        let metadata = input.metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        var fields: JSONObject = [
            "agentId": .string(agentID), "projectId": .string(project.description), "agent": .string(agent),
            "weight": .number(weight), "messages": .array(input.messages.map(\.jsonValue)),
            "metadata": .object(JSONObject(metadata)), "settings": settings.jsonValue,
        ]
        if let expectedTokens { fields["expectedTokens"] = .integer(Int64(expectedTokens)) }
        return fields
    }

    init(runID: String, jsonFields value: JSONValue) throws(RecordFormatError) {
        let messages = try [Message](jsonList: try value.list("messages"))
        var metadata: [String: String] = [:]
        for (key, text) in value["metadata"]?.objectValue ?? [:] { metadata[key] = text.stringValue }
        guard let project = try? StreamID(try value.text("projectId")) else {
            throw RecordFormatError("the project of a run is no stream's name")
        }
        let weight = value["weight"]?.doubleValue ?? 1
        self.init(
            runID: runID, agent: try value.text("agent"), agentID: try value.text("agentId"), project: project,
            weight: weight > 0 ? weight : 1, expectedTokens: value["expectedTokens"]?.intValue,
            input: AgentInput(messages: messages, metadata: metadata),
            settings: try RequestSettings(jsonValue: value["settings"] ?? .object([:])))
    }
}
