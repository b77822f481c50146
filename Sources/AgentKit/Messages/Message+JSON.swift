public import StreamCore

/// A JSON value is not what it should be: a turn of a conversation, or a record of a run.
public struct RecordFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and where, for people.
    public var description: String

    /// An error from its words.
    public init(_ description: String) {
        self.description = description
    }
}

// The stable JSON form of a conversation, in which runs are logged and hosts may keep theirs: `role` and `parts`, each part with a
// `type`. What only a provider understands stands under `data`, as `provider` and `value`.
extension Message {
    /// The JSON form: `role` and `parts`.
    public var jsonValue: JSONValue {
        ["role": .string(role.rawValue), "parts": .array(parts.map(\.jsonValue))]
    }

    /// A turn from its JSON form; fields that are unknown are passed over.
    ///
    /// - Throws: ``RecordFormatError`` for what is no turn, and for parts of a kind that this version does not know.
    public init(jsonValue: JSONValue) throws(RecordFormatError) {
        guard let role = jsonValue["role"]?.stringValue.flatMap(Role.init), let list = jsonValue["parts"]?.arrayValue
        else { throw RecordFormatError("a turn needs a role and parts") }
        self.init(role: role, parts: try [Part](jsonList: list))
    }
}

extension Message.Part {
    /// The JSON form: a `type` and what belongs to it.
    public var jsonValue: JSONValue {
        switch self {
        case .text(let text): ["type": "text", "text": .string(text)]
        case .image(.url(let url)): ["type": "image", "url": .string(url)]
        case .image(.base64(let bytes, let mediaType)):
            ["type": "image", "base64": .string(bytes), "mediaType": .string(mediaType)]
        case .reasoning(let text, nil): ["type": "reasoning", "text": .string(text)]
        case .reasoning(let text, let data?):
            ["type": "reasoning", "text": .string(text), "data": data.jsonValue]
        case .toolCall(let call): call.jsonObject(["type": "tool-call"])
        case .toolResult(let result): result.jsonObject(["type": "tool-result"])
        case .opaque(let data): ["type": "opaque", "data": data.jsonValue]
        }
    }

    /// A part from its JSON form.
    ///
    /// - Throws: ``RecordFormatError`` for what is no part, and for kinds that this version does not know.
    public init(jsonValue: JSONValue) throws(RecordFormatError) {
        switch jsonValue["type"]?.stringValue {
        case "text": self = .text(try jsonValue.text("text"))
        case "image":
            if let url = jsonValue["url"]?.stringValue {
                self = .image(.url(url))
            } else {
                self = .image(.base64(try jsonValue.text("base64"), mediaType: try jsonValue.text("mediaType")))
            }
        case "reasoning":
            var data: ProviderData?
            if let value = jsonValue["data"] { data = try ProviderData(jsonValue: value) }
            self = .reasoning(try jsonValue.text("text"), data)
        case "tool-call": self = .toolCall(try ToolCall(jsonFields: jsonValue))
        case "tool-result": self = .toolResult(try ToolResult(jsonFields: jsonValue))
        case "opaque":
            self = .opaque(try ProviderData(jsonValue: try jsonValue.member("data")))
        case let type: throw RecordFormatError("a part of a turn has the unknown type '\(type?.prefix(40) ?? "")'")
        }
    }
}

extension [Message.Part] {
    init(jsonList: [JSONValue]) throws(RecordFormatError) {
        self = []
        reserveCapacity(jsonList.count)
        for part in jsonList { append(try Message.Part(jsonValue: part)) }
    }
}

extension [Message] {
    init(jsonList: [JSONValue]) throws(RecordFormatError) {
        self = []
        reserveCapacity(jsonList.count)
        for message in jsonList { append(try Message(jsonValue: message)) }
    }
}

extension ProviderData {
    /// The JSON form: `provider` and `value`.
    public var jsonValue: JSONValue { ["provider": .string(provider), "value": value] }

    /// Data from its JSON form.
    ///
    /// - Throws: ``RecordFormatError`` when a field is missing.
    public init(jsonValue: JSONValue) throws(RecordFormatError) {
        self.init(provider: try jsonValue.text("provider"), value: try jsonValue.member("value"))
    }
}

// Under the names that chunks have for them.
extension ToolCall {
    func jsonObject(_ object: JSONObject = [:]) -> JSONValue {
        var object = object
        object["toolCallId"] = .string(id)
        object["toolName"] = .string(name)
        object["input"] = input
        if isProviderExecuted { object["providerExecuted"] = true }
        return .object(object)
    }

    init(jsonFields value: JSONValue) throws(RecordFormatError) {
        self.init(
            id: try value.text("toolCallId"), name: try value.text("toolName"), input: try value.member("input"),
            isProviderExecuted: value["providerExecuted"]?.boolValue ?? false)
    }
}

extension ToolResult {
    func jsonObject(_ object: JSONObject = [:]) -> JSONValue {
        var object = object
        object["toolCallId"] = .string(callID)
        object["toolName"] = .string(toolName)
        object["output"] = output
        if isError { object["isError"] = true }
        return .object(object)
    }

    init(jsonFields value: JSONValue) throws(RecordFormatError) {
        self.init(
            callID: try value.text("toolCallId"), toolName: try value.text("toolName"),
            output: try value.member("output"), isError: value["isError"]?.boolValue ?? false)
    }
}

extension JSONValue {
    /// The member `key`.
    func member(_ key: String) throws(RecordFormatError) -> JSONValue {
        guard let value = self[key] else { throw RecordFormatError("the field '\(key)' is missing") }
        return value
    }

    /// The member `key`, a string.
    func text(_ key: String) throws(RecordFormatError) -> String {
        guard let text = self[key]?.stringValue else { throw RecordFormatError("the field '\(key)' is no string") }
        return text
    }

    /// The member `key`, a whole number that is not negative.
    func count(_ key: String) throws(RecordFormatError) -> Int {
        guard let number = self[key]?.intValue, number >= 0 else {
            throw RecordFormatError("the field '\(key)' is no count")
        }
        return number
    }

    /// The member `key`, an array.
    func list(_ key: String) throws(RecordFormatError) -> [JSONValue] {
        guard let list = self[key]?.arrayValue else { throw RecordFormatError("the field '\(key)' is no array") }
        return list
    }
}
