public import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

extension RunFold {
    // MARK: Records

    /// Takes a record of the run.
    mutating func apply(_ entry: RunEntry) {
        switch entry {
        case .start(let start): if self.start == nil { self.start = start }
        case .resume(let time): lastTime = time
        case .attempt(let attempt): apply(attempt)
        case .cursor(let position):
            self.position = position
            isPositionStale = false
        case .usage(let usage): attemptUsage = usage
        case .parts(let number, let parts): apply(parts, number)
        case .block(let block): apply(block)
        case .turn(let turn): apply(turn)
        case .toolStarted(let step, let index, _, let key):
            if step + 1 == steps, calls.indices.contains(index) { calls[index].startedKey = key }
        case .toolFinished(let step, let index, let result):
            if step + 1 == steps, calls.indices.contains(index) { calls[index].result = result }
            finishCalls()
        case .cancel: isCancelled = true
        case .pause(let reason): pauseReason = reason
        case .end(let outcome):
            self.outcome = outcome
            pauseReason = nil
        }
    }

    private mutating func apply(_ attempt: RunEntry.Attempt) {
        pauseReason = nil
        note(attempt.timestamp)
        attempts = attempt.number
        if attempt.strategy == RunEntry.Attempt.start { noteTry(nil) }
        // A resumed response tells the tokens of all of it once more.
        if attempt.strategy != RecoveryStrategy.Name.cursor.rawValue {
            finishUsage()
            position = nil
        }
        attemptModel = attempt.model
        lastFinish = nil
    }

    private mutating func apply(_ parts: [Message.Part], _ number: Int?) {
        guard let number else {
            var block = RunBlock(number: nil, kind: .content)
            block.wholeParts = parts
            block.isFinished = true
            return blocks.append(block)
        }
        guard let index = index(ofBlock: number) else { return }
        blocks[index].wholeParts = parts
        blocks[index].isFinished = true
    }

    private mutating func apply(_ block: RunEntry.FinishedBlock) {
        guard let index = index(ofBlock: block.number) else { return }
        blocks[index].text = block.text
        blocks[index].isFinished = true
    }

    private mutating func apply(_ turn: RunEntry.Turn) {
        finishedText = text
        if let message = turn.message { messages.append(message) }
        steps = turn.step + 1
        lastFinish = turn.finish
        attemptUsage = turn.usage
        finishUsage()
        byteCount += turn.byteCount
        current = 0
        position = nil
        let blocksOfCalls = Dictionary(
            blocks.compactMap { block in block.call.map { ($0.id, block.number) } },
            uniquingKeysWith: { _, last in last })
        calls = (turn.message?.pendingCalls ?? []).map { RunCall(call: $0, block: blocksOfCalls[$0.id] ?? nil) }
        blocks = []
    }

    private mutating func finishUsage() {
        if attemptUsage != .zero { finishedUsage[attemptModel, default: .zero] += attemptUsage }
        attemptUsage = .zero
    }

    // The results go back in the order of the calls, as one turn.
    private mutating func finishCalls() {
        let results = calls.compactMap(\.result)
        guard results.count == calls.count, !calls.isEmpty else { return }
        messages.append(Message(role: .tool, parts: results.map(Message.Part.toolResult)))
        calls = []
        finishedText = ""
    }

    // MARK: Logged events

    /// Takes an event of the run's stream; events of other runs only move the offset.
    ///
    /// - Throws: ``RecordFormatError`` when a record of the run cannot be read: it was written by a newer version, perhaps.
    public mutating func apply(_ event: LoggedEvent) throws(RecordFormatError) {
        var reader = JSONReader(limits: RunEntry.limits)
        try apply(event, reading: &reader)
    }

    /// The same with a reader that is used again.
    mutating func apply(_ logged: LoggedEvent, reading reader: inout JSONReader) throws(RecordFormatError) {
        offset = logged.offset
        let event = logged.event
        if let start, event.source != start.agentID { return }
        switch event.type {
        case .content, .reasoning, .tool:
            let chunk = try value(of: event, &reader) { AgentChunk(reading: $0) }
            if let chunk = chunk ?? nil { apply(chunk) }
        case .progress:
            // A record that cannot be read is no loss: the next one is whole.
            if let progress = try? AgentProgress(json: event.payload) { apply(progress) }
        case .usage, .error, .complete: break
        case .seam:
            guard (try value(of: event, &reader) { _ in true }) == true else { return }
            do throws(EventFormatError) {
                apply(try Seam(json: event.payload))
            } catch {
                throw RecordFormatError("a seam of run \(runID) cannot be read: \(error)")
            }
        default:
            guard event.type.isRunEntry, let value = try value(of: event, &reader, JSONValue.init),
                let entry = try RunEntry(type: event.type, runID: runID, value)
            else { return }
            apply(entry)
        }
    }

    // What the payload says, if it is of this run.
    private func value<Value>(
        of event: StreamEvent, _ reader: inout JSONReader, _ read: (JSONNode) -> Value
    ) throws(RecordFormatError) -> Value? {
        do throws(JSONError) {
            return try reader.read(event.payload) { (root) throws(JSONError) -> Value? in
                guard root["runId"]?.string == runID else { return nil }
                return read(root)
            }
        } catch {
            throw RecordFormatError("a record of type \(event.type) in the stream of run \(runID) is no JSON: \(error)")
        }
    }
}

extension StreamEvent.EventType {
    /// Whether events of this type are records of runs.
    var isRunEntry: Bool { self == .block || rawValue.hasPrefix("run:") }
}

extension Message {
    /// The calls that the agent is to execute.
    var pendingCalls: [ToolCall] {
        parts.compactMap { part in
            guard case .toolCall(let call) = part, !call.isProviderExecuted else { return nil }
            return call
        }
    }
}

extension AgentChunk {
    /// What a run's state takes from a chunk's JSON; nil for kinds that it takes nothing from.
    init?(reading root: JSONNode) {
        let block = root["block"]?.int
        let call = (root["toolCallId"]?.string ?? "", root["toolName"]?.string ?? "")
        let time = root["timestamp"]?.int.map { Timestamp(millisecondsSince1970: Int64($0)) }
        switch root["type"]?.string.flatMap(TypeName.init) {
        case .content: self.init(.content(root["content"]?.string ?? ""), block: block, timestamp: time)
        case .reasoning: self.init(.reasoning(root["reasoning"]?.string ?? ""), block: block, timestamp: time)
        case .toolInput:
            let delta = root["inputDelta"]?.string ?? ""
            self.init(
                .toolInput(ToolInputDelta(callID: call.0, toolName: call.1, delta: delta)), block: block,
                timestamp: time)
        case .toolCall:
            let input = root["input"].map(JSONValue.init) ?? .null
            let isProviders = root["providerExecuted"]?.bool ?? false
            self.init(
                .toolCall(ToolCall(id: call.0, name: call.1, input: input, isProviderExecuted: isProviders)),
                block: block, timestamp: time)
        case .toolResult:
            let output = root["output"].map(JSONValue.init) ?? .null
            let isError = root["isError"]?.bool ?? false
            self.init(
                .toolResult(ToolResult(callID: call.0, toolName: call.1, output: output, isError: isError)),
                block: block, timestamp: time)
        case .citation:
            self.init(
                .citation(Citation(jsonFields: root["citation"].map(JSONValue.init) ?? .null)), block: block,
                timestamp: time)
        case .usage, .seam, .finish, .error, nil: return nil
        }
    }
}
