// The hot path's writer of the stable JSON form: one object per chunk, appended to a buffer that is used again.
// AgentChunk+Codable.swift has the same form for everyone else; a test holds the two together.

extension AgentChunk {
    /// Appends the stable JSON form to `bytes`: one object on one line, in UTF-8.
    public func write(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        writeFields(into: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The stable JSON form: one object on one line.
    public var jsonString: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func writeFields(into bytes: inout [UInt8]) {
        JSONWriter.append(raw: "\"type\":", to: &bytes)
        JSONWriter.append(typeName.rawValue, to: &bytes)
        if let block {
            JSONWriter.append(raw: ",\"block\":", to: &bytes)
            JSONWriter.append(block, to: &bytes)
        }
        writePayload(into: &bytes)
        if case .content = payload, let attachedReasoning {
            write(",\"reasoning\":", attachedReasoning, into: &bytes)
        }
        if let confidence {
            JSONWriter.append(raw: ",\"confidence\":", to: &bytes)
            JSONWriter.append(confidence.value, to: &bytes)
            write(",\"confidenceSource\":", confidence.source.rawValue, into: &bytes)
        }
        if let timestamp {
            JSONWriter.append(raw: ",\"timestamp\":", to: &bytes)
            JSONWriter.append(timestamp.millisecondsSince1970, to: &bytes)
        }
    }

    private func writePayload(into bytes: inout [UInt8]) {
        switch payload {
        case .content(let text): write(",\"content\":", text, into: &bytes)
        case .reasoning(let text): write(",\"reasoning\":", text, into: &bytes)
        case .toolInput(let piece):
            write(",\"toolCallId\":", piece.callID, into: &bytes)
            write(",\"toolName\":", piece.toolName, into: &bytes)
            write(",\"inputDelta\":", piece.delta, into: &bytes)
        case .toolCall(let call):
            write(",\"toolCallId\":", call.id, into: &bytes)
            write(",\"toolName\":", call.name, into: &bytes)
            JSONWriter.append(raw: ",\"input\":", to: &bytes)
            call.input.write(into: &bytes)
            if call.isProviderExecuted { JSONWriter.append(raw: ",\"providerExecuted\":true", to: &bytes) }
        case .toolResult(let result):
            write(",\"toolCallId\":", result.callID, into: &bytes)
            write(",\"toolName\":", result.toolName, into: &bytes)
            JSONWriter.append(raw: ",\"output\":", to: &bytes)
            result.output.write(into: &bytes)
            if result.isError { JSONWriter.append(raw: ",\"isError\":true", to: &bytes) }
        case .citation(let citation):
            JSONWriter.append(raw: ",\"citation\":", to: &bytes)
            citation.jsonValue.write(into: &bytes)
        case .usage(let usage):
            JSONWriter.append(raw: ",\"usage\":", to: &bytes)
            usage.jsonValue.write(into: &bytes)
        case .seam(let seam):
            JSONWriter.append(raw: ",\"seam\":", to: &bytes)
            seam.jsonValue.write(into: &bytes)
        case .finish(let reason): write(",\"finish\":", reason.rawValue, into: &bytes)
        case .error(let failure):
            JSONWriter.append(raw: ",\"error\":", to: &bytes)
            failure.jsonValue.write(into: &bytes)
        }
    }

    private func write(_ name: StaticString, _ text: String, into bytes: inout [UInt8]) {
        JSONWriter.append(raw: name, to: &bytes)
        JSONWriter.append(text, to: &bytes)
    }
}

extension Usage {
    /// The JSON form: `input`, `cached`, `cacheWritten`, `output`, `reasoning`.
    public var jsonValue: JSONValue {
        .object([
            "input": .integer(Int64(input)), "cached": .integer(Int64(cached)),
            "cacheWritten": .integer(Int64(cacheWritten)), "output": .integer(Int64(output)),
            "reasoning": .integer(Int64(reasoning)),
        ])
    }
}

extension SeamNotice {
    /// The JSON form: `attempt`, `strategy`, `droppedBlocks`, `continuedBlock` as far as there is one, `isRestart`.
    public var jsonValue: JSONValue {
        var object: JSONObject = [
            "attempt": .integer(Int64(attempt)), "strategy": .string(strategy),
            "droppedBlocks": .array(droppedBlocks.map { .integer(Int64($0)) }),
        ]
        if let continuedBlock { object["continuedBlock"] = .integer(Int64(continuedBlock)) }
        object["isRestart"] = .bool(isRestart)
        return .object(object)
    }
}

extension Failure {
    /// The JSON form: `kind`, `retryable`, `message`.
    public var jsonValue: JSONValue {
        .object([
            "kind": .string(kind.rawValue), "retryable": .bool(retryable), "message": .string(message),
        ])
    }
}

extension Citation {
    /// The JSON form: `url`, `title` and `citedText`, as far as they are known.
    public var jsonValue: JSONValue {
        var object = JSONObject()
        if let url { object["url"] = .string(url) }
        if let title { object["title"] = .string(title) }
        if let citedText { object["citedText"] = .string(citedText) }
        return .object(object)
    }
}
