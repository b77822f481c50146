import StreamCore

// The stable JSON of a run's records: one object with `runId` and the fields of the kind. Readers pass over fields that they do not
// know, and over records of types that they do not know.
extension RunEntry {
    /// What our own records may ask of the reader: a tool's input or a schema may be as deep as the default allows, and stands
    /// some levels down.
    static let limits = JSONLimits(maxDepth: JSONLimits.default.maxDepth * 2, maxBytes: 512 << 20)

    /// The record as an event.
    func event(from origin: ChunkOrigin) -> StreamEvent {
        var object: JSONObject = ["runId": .string(origin.runID)]
        var visibility = StreamEvent.Visibility.internal
        if case .block = self {
            object = [
                "projectId": .string(origin.projectID), "agentId": .string(origin.agentID),
                "runId": .string(origin.runID),
            ]
            visibility = .public
        }
        for (key, value) in fields { object[key] = value }
        var payload: [UInt8] = []
        object.write(into: &payload)
        return StreamEvent(type: type, visibility: visibility, source: origin.agentID, payload: payload)
    }

    private var fields: JSONObject {
        switch self {
        case .start(let start): start.jsonFields
        case .resume(let time): time.map { ["timestamp": .integer($0.millisecondsSince1970)] as JSONObject } ?? [:]
        case .attempt(let attempt): attempt.jsonFields
        case .cursor(let position): position.jsonFields
        case .usage(let usage): ["usage": usage.jsonValue]
        case .parts(let block, let parts):
            ["block": block.map { .integer(Int64($0)) } ?? .null, "parts": .array(parts.map(\.jsonValue))]
        case .block(let block): block.jsonFields
        case .turn(let turn):
            [
                "step": .integer(Int64(turn.step)), "message": turn.message?.jsonValue ?? .null,
                "finish": .string(turn.finish.rawValue), "usage": turn.usage.jsonValue,
                "bytes": .integer(Int64(turn.byteCount)),
            ]
        case .toolStarted(let step, let index, let call, let key):
            [
                "state": "started", "step": .integer(Int64(step)), "index": .integer(Int64(index)),
                "call": call.jsonObject(), "idempotencyKey": .string(key),
            ]
        case .toolFinished(let step, let index, let result):
            [
                "state": "finished", "step": .integer(Int64(step)), "index": .integer(Int64(index)),
                "result": result.jsonObject(),
            ]
        case .cancel(let reason), .pause(let reason): ["reason": .string(reason)]
        case .end(.finished(let finish)): ["finish": .string(finish.rawValue)]
        case .end(.failed(let failure)): ["error": failure.jsonValue]
        }
    }

    /// The record of an internal event, or nil when its type is none of a run's.
    init?(type: StreamEvent.EventType, runID: String, _ value: JSONValue) throws(RecordFormatError) {
        switch type {
        case .runStart: self = .start(try RunStart(runID: runID, jsonFields: value))
        case .runResume: self = .resume(value["timestamp"]?.timestamp)
        case .runAttempt: self = .attempt(try Attempt(jsonValue: value))
        case .runCursor: self = .cursor(try Position(jsonValue: value))
        case .runUsage: self = .usage(Usage(jsonValue: try value.member("usage")))
        case .runParts:
            self = .parts(block: value["block"]?.intValue, try [Message.Part](jsonList: try value.list("parts")))
        case .block: self = .block(try FinishedBlock(jsonValue: value))
        case .runTurn:
            var message: Message?
            if let value = value["message"], !value.isNull { message = try Message(jsonValue: value) }
            self = .turn(
                Turn(
                    step: try value.count("step"), message: message,
                    finish: FinishReason(rawValue: try value.text("finish")),
                    usage: Usage(jsonValue: try value.member("usage")), byteCount: try value.count("bytes")))
        case .runTool: self = try RunEntry(tool: value)
        case .runCancel: self = .cancel(reason: try value.text("reason"))
        case .runPause: self = .pause(reason: try value.text("reason"))
        case .runEnd:
            if let error = value["error"] {
                self = .end(.failed(try Failure(jsonFields: error)))
            } else {
                self = .end(.finished(FinishReason(rawValue: try value.text("finish"))))
            }
        default: return nil
        }
    }

    private init(tool value: JSONValue) throws(RecordFormatError) {
        let (step, index) = (try value.count("step"), try value.count("index"))
        if value["state"] == "finished" {
            self = .toolFinished(
                step: step, index: index, try ToolResult(jsonFields: try value.member("result")))
        } else {
            self = .toolStarted(
                step: step, index: index, call: try ToolCall(jsonFields: try value.member("call")),
                key: try value.text("idempotencyKey"))
        }
    }
}

extension JSONValue {
    fileprivate var timestamp: Timestamp? { intValue.map { Timestamp(millisecondsSince1970: Int64($0)) } }
}

extension RunEntry.Attempt {
    var jsonFields: JSONObject {
        var object: JSONObject = [
            "attempt": .integer(Int64(number)), "step": .integer(Int64(step)), "strategy": .string(strategy),
            "provider": .string(provider), "model": .string(model),
        ]
        if let timestamp { object["timestamp"] = .integer(timestamp.millisecondsSince1970) }
        return object
    }

    init(jsonValue value: JSONValue) throws(RecordFormatError) {
        self.init(
            number: try value.count("attempt"), step: try value.count("step"), strategy: try value.text("strategy"),
            provider: try value.text("provider"), model: try value.text("model"),
            timestamp: value["timestamp"]?.timestamp)
    }
}

extension RunEntry.Position {
    var jsonFields: JSONObject {
        var object: JSONObject = [
            "responseId": .string(cursor.responseID), "sequence": .integer(Int64(cursor.sequenceNumber)),
            "provider": .string(provider), "model": .string(model),
        ]
        if !held.isEmpty { object["held"] = .string(held) }
        return object
    }

    init(jsonValue value: JSONValue) throws(RecordFormatError) {
        self.init(
            cursor: ResponseCursor(
                responseID: try value.text("responseId"), sequenceNumber: try value.count("sequence")),
            provider: try value.text("provider"), model: try value.text("model"),
            held: value["held"]?.stringValue ?? "")
    }
}

extension RunEntry.FinishedBlock {
    // Its text stands under the name that a chunk of its kind has for it.
    var jsonFields: JSONObject {
        var object: JSONObject = ["type": "block", "block": .integer(Int64(number))]
        object[isReasoning ? "reasoning" : "content"] = .string(text)
        if !citations.isEmpty { object["citations"] = .array(citations.map(\.jsonValue)) }
        return object
    }

    init(jsonValue value: JSONValue) throws(RecordFormatError) {
        let isReasoning = value["reasoning"] != nil
        self.init(
            number: try value.count("block"), isReasoning: isReasoning,
            text: try value.text(isReasoning ? "reasoning" : "content"),
            citations: (value["citations"]?.arrayValue ?? []).map(Citation.init(jsonFields:)))
    }
}

extension Citation {
    init(jsonFields value: JSONValue) {
        self.init(
            url: value["url"]?.stringValue, title: value["title"]?.stringValue,
            citedText: value["citedText"]?.stringValue)
    }
}

extension Failure {
    init(jsonFields value: JSONValue) throws(RecordFormatError) {
        self.init(
            kind: FailureKind(rawValue: try value.text("kind")), retryable: value["retryable"]?.boolValue ?? false,
            message: value["message"]?.stringValue ?? "")
    }
}
