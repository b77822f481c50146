import ProgressTracking
import StreamCore

// The state of a run in a checkpoint. What of it is a record of the log has the record's form.
extension RunFold {
    /// The state as JSON.
    var jsonValue: JSONValue {
        var object: JSONObject = [
            "runId": .string(runID), "offset": .string(offset.description),
            "messages": .array(messages.map(\.jsonValue)), "blocks": .array(blocks.map(\.jsonValue)),
            "calls": .array(calls.map(\.jsonValue)), "steps": .integer(Int64(steps)),
            "attempts": .integer(Int64(attempts)), "finishedText": .string(finishedText),
            "finishedUsage": .object(
                JSONObject(finishedUsage.sorted { $0.key < $1.key }.map { ($0.key, $0.value.jsonValue) })),
            "attemptModel": .string(attemptModel), "attemptUsage": attemptUsage.jsonValue,
            "bytes": .integer(Int64(byteCount)), "nextBlock": .integer(Int64(nextBlock)),
            "current": .integer(Int64(current)), "stale": .bool(isPositionStale), "cancelled": .bool(isCancelled),
            "tries": .array(tries.map { $0.map { .string($0.rawValue) } ?? .null }),
            "recoveries": .integer(Int64(recoveries)), "takeovers": .integer(Int64(takeovers)),
            "worked": .integer(workedMilliseconds),
        ]
        if let start { object["start"] = .object(start.jsonFields) }
        if let progress {
            var bytes: [UInt8] = []
            progress.write(into: &bytes)
            object["progress"] = .string(String(decoding: bytes, as: UTF8.self))
        }
        if let lastFinish { object["lastFinish"] = .string(lastFinish.rawValue) }
        if let pauseReason { object["pause"] = .string(pauseReason) }
        if let lastTime { object["lastTime"] = .integer(lastTime.millisecondsSince1970) }
        if let position { object["position"] = .object(position.jsonFields) }
        switch outcome {
        case .finished(let finish): object["finish"] = .string(finish.rawValue)
        case .failed(let failure): object["error"] = failure.jsonValue
        case nil: break
        }
        return .object(object)
    }

    /// The state from its JSON form.
    init(jsonValue value: JSONValue) throws(RecordFormatError) {
        self.init(runID: try value.text("runId"))
        guard let offset = Offset(try value.text("offset")) else {
            throw RecordFormatError("the position of a run's state is no offset")
        }
        self.offset = offset
        if let fields = value["start"] { start = try RunStart(runID: runID, jsonFields: fields) }
        messages = try [Message](jsonList: try value.list("messages"))
        for block in try value.list("blocks") { blocks.append(try RunBlock(jsonValue: block)) }
        for call in try value.list("calls") { calls.append(try RunCall(jsonValue: call)) }
        lastFinish = value["lastFinish"]?.stringValue.map(FinishReason.init)
        steps = try value.count("steps")
        attempts = try value.count("attempts")
        finishedText = try value.text("finishedText")
        for (model, usage) in value["finishedUsage"]?.objectValue ?? [:] {
            finishedUsage[model] = Usage(jsonValue: usage)
        }
        attemptModel = try value.text("attemptModel")
        if let text = value["progress"]?.stringValue { progress = try? AgentProgress(json: Array(text.utf8)) }
        attemptUsage = Usage(jsonValue: try value.member("attemptUsage"))
        byteCount = try value.count("bytes")
        nextBlock = try value.count("nextBlock")
        current = try value.count("current")
        if let fields = value["position"] { position = try RunEntry.Position(jsonValue: fields) }
        isPositionStale = value["stale"]?.boolValue ?? false
        isCancelled = value["cancelled"]?.boolValue ?? false
        pauseReason = value["pause"]?.stringValue
        tries = try value.list("tries").map { $0.stringValue.map(FailureKind.init) }
        recoveries = try value.count("recoveries")
        takeovers = try value.count("takeovers")
        workedMilliseconds = Int64(value["worked"]?.intValue ?? 0)
        lastTime = value["lastTime"]?.intValue.map { Timestamp(millisecondsSince1970: Int64($0)) }
        if let error = value["error"] {
            outcome = .failed(try Failure(jsonFields: error))
        } else if let finish = value["finish"]?.stringValue {
            outcome = .finished(FinishReason(rawValue: finish))
        }
    }
}

extension RunBlock {
    var jsonValue: JSONValue {
        var object: JSONObject = ["kind": .string(kind.rawValue), "text": .string(text), "finished": .bool(isFinished)]
        if let number { object["block"] = .integer(Int64(number)) }
        if let toolName { object["toolName"] = .string(toolName) }
        if let call { object["call"] = call.jsonObject() }
        if let result { object["result"] = result.jsonObject() }
        if !citations.isEmpty { object["citations"] = .array(citations.map(\.jsonValue)) }
        if let wholeParts { object["parts"] = .array(wholeParts.map(\.jsonValue)) }
        if let cursorBefore {
            object["before"] = [
                "responseId": .string(cursorBefore.responseID),
                "sequence": .integer(Int64(cursorBefore.sequenceNumber)),
            ]
        }
        return .object(object)
    }

    init(jsonValue value: JSONValue) throws(RecordFormatError) {
        guard let kind = Kind(rawValue: try value.text("kind")) else {
            throw RecordFormatError("a block of a run's state is of an unknown kind")
        }
        self.init(number: value["block"]?.intValue, kind: kind)
        text = try value.text("text")
        isFinished = value["finished"]?.boolValue ?? false
        toolName = value["toolName"]?.stringValue
        if let value = value["call"] { call = try ToolCall(jsonFields: value) }
        if let value = value["result"] { result = try ToolResult(jsonFields: value) }
        citations = (value["citations"]?.arrayValue ?? []).map(Citation.init(jsonFields:))
        if let list = value["parts"]?.arrayValue { wholeParts = try [Message.Part](jsonList: list) }
        if let cursor = value["before"] {
            cursorBefore = ResponseCursor(
                responseID: try cursor.text("responseId"), sequenceNumber: try cursor.count("sequence"))
        }
    }
}

extension RunCall {
    var jsonValue: JSONValue {
        var object: JSONObject = ["call": call.jsonObject()]
        if let block { object["block"] = .integer(Int64(block)) }
        if let startedKey { object["startedKey"] = .string(startedKey) }
        if let result { object["result"] = result.jsonObject() }
        return .object(object)
    }

    init(jsonValue value: JSONValue) throws(RecordFormatError) {
        self.init(call: try ToolCall(jsonFields: try value.member("call")), block: value["block"]?.intValue)
        startedKey = value["startedKey"]?.stringValue
        if let value = value["result"] { result = try ToolResult(jsonFields: value) }
    }
}
