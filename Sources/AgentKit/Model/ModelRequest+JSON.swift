import StreamCore

// The JSON form of what a request says besides its conversation and its tools, for the record that a run begins with.
extension RequestSettings {
    var jsonValue: JSONValue {
        var object = JSONObject()
        if let system { object["system"] = .string(system) }
        if toolChoice != .automatic { object["toolChoice"] = toolChoice.jsonValue }
        let sampling = sampling.jsonObject
        if !sampling.isEmpty { object["sampling"] = .object(sampling) }
        if let responseSchema { object["responseSchema"] = responseSchema.jsonValue }
        if let reasoningEffort { object["reasoningEffort"] = .string(reasoningEffort.rawValue) }
        if !providerOptions.isEmpty { object["providerOptions"] = .object(providerOptions) }
        return .object(object)
    }

    init(jsonValue: JSONValue) throws(RecordFormatError) {
        self.init()
        system = jsonValue["system"]?.stringValue
        if let choice = jsonValue["toolChoice"] { toolChoice = try ToolChoice(jsonValue: choice) }
        if let value = jsonValue["sampling"] { sampling = Sampling(jsonValue: value) }
        if let schema = jsonValue["responseSchema"] { responseSchema = try ResponseSchema(jsonValue: schema) }
        reasoningEffort = jsonValue["reasoningEffort"]?.stringValue.map(ReasoningEffort.init)
        providerOptions = jsonValue["providerOptions"]?.objectValue ?? [:]
    }
}

extension ToolChoice {
    fileprivate var jsonValue: JSONValue {
        switch self {
        case .automatic: "automatic"
        case .required: "required"
        case .none: "none"
        case .tool(let name): ["tool": .string(name)]
        }
    }

    fileprivate init(jsonValue: JSONValue) throws(RecordFormatError) {
        switch jsonValue {
        case "automatic": self = .automatic
        case "required": self = .required
        case "none": self = .none
        default: self = .tool(try jsonValue.text("tool"))
        }
    }
}

extension Sampling {
    fileprivate var jsonObject: JSONObject {
        var object = JSONObject()
        if let temperature { object["temperature"] = .number(temperature) }
        if let topP { object["topP"] = .number(topP) }
        if let maxOutputTokens { object["maxOutputTokens"] = .integer(Int64(maxOutputTokens)) }
        if !stopSequences.isEmpty { object["stopSequences"] = .array(stopSequences.map { .string($0) }) }
        if let seed { object["seed"] = .integer(Int64(seed)) }
        return object
    }

    fileprivate init(jsonValue: JSONValue) {
        self.init(
            temperature: jsonValue["temperature"]?.doubleValue, topP: jsonValue["topP"]?.doubleValue,
            maxOutputTokens: jsonValue["maxOutputTokens"]?.intValue,
            stopSequences: jsonValue["stopSequences"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            seed: jsonValue["seed"]?.intValue)
    }
}

extension ResponseSchema {
    fileprivate var jsonValue: JSONValue {
        ["name": .string(name), "schema": schema, "strict": .bool(isStrict)]
    }

    fileprivate init(jsonValue: JSONValue) throws(RecordFormatError) {
        self.init(
            name: try jsonValue.text("name"), schema: try jsonValue.member("schema"),
            isStrict: jsonValue["strict"]?.boolValue ?? true)
    }
}

extension Usage {
    /// A usage from its JSON form; figures that are missing are 0.
    init(jsonValue: JSONValue) {
        self.init(
            input: jsonValue["input"]?.intValue ?? 0, cached: jsonValue["cached"]?.intValue ?? 0,
            cacheWritten: jsonValue["cacheWritten"]?.intValue ?? 0, output: jsonValue["output"]?.intValue ?? 0,
            reasoning: jsonValue["reasoning"]?.intValue ?? 0)
    }
}
