import StreamCore

// The stable JSON form, documented in Documentation/Progress.md. `progress` and `percentage` are the same number under the two names that
// progress events and progress records have for it.

extension AgentProgress {
    /// Appends the stable JSON form to `bytes`: one object on one line, in UTF-8.
    public func write(into bytes: inout [UInt8]) {
        JSONWriter.append(raw: "{\"projectId\":", to: &bytes)
        JSONWriter.append(projectID, to: &bytes)
        JSONWriter.append(raw: ",\"agentId\":", to: &bytes)
        JSONWriter.append(agentID, to: &bytes)
        JSONWriter.append(raw: ",\"runId\":", to: &bytes)
        JSONWriter.append(runID, to: &bytes)
        JSONWriter.append(raw: ",\"type\":\"progress\",\"attempt\":", to: &bytes)
        JSONWriter.append(attempt, to: &bytes)
        JSONWriter.append(raw: ",\"status\":", to: &bytes)
        JSONWriter.append(status.rawValue, to: &bytes)
        JSONWriter.append(raw: ",\"progress\":", to: &bytes)
        JSONWriter.append(percentage, to: &bytes)
        JSONWriter.append(raw: ",\"percentage\":", to: &bytes)
        JSONWriter.append(percentage, to: &bytes)
        JSONWriter.append(raw: ",\"currentStep\":", to: &bytes)
        JSONWriter.append(currentStep, to: &bytes)
        if let totalSteps {
            JSONWriter.append(raw: ",\"totalSteps\":", to: &bytes)
            JSONWriter.append(totalSteps, to: &bytes)
        }
        write(",\"stepName\":", stepName, into: &bytes)
        write(",\"content\":", content, into: &bytes)
        write(",\"reasoning\":", reasoning, into: &bytes)
        if let confidence {
            JSONWriter.append(raw: ",\"confidence\":", to: &bytes)
            JSONWriter.append(confidence.value, to: &bytes)
            write(",\"confidenceSource\":", confidence.source.rawValue, into: &bytes)
        }
        if let estimatedTimeRemaining {
            JSONWriter.append(raw: ",\"estimatedTimeRemaining\":", to: &bytes)
            JSONWriter.append(estimatedTimeRemaining.expected.wholeMilliseconds, to: &bytes)
            JSONWriter.append(raw: ",\"estimatedTimeRange\":{\"low\":", to: &bytes)
            JSONWriter.append(estimatedTimeRemaining.low.wholeMilliseconds, to: &bytes)
            JSONWriter.append(raw: ",\"high\":", to: &bytes)
            JSONWriter.append(estimatedTimeRemaining.high.wholeMilliseconds, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        JSONWriter.append(raw: ",\"tokensUsed\":", to: &bytes)
        JSONWriter.append(tokensUsed, to: &bytes)
        if let cost {
            JSONWriter.append(raw: ",\"cost\":", to: &bytes)
            bytes.append(contentsOf: cost.description.utf8)
        }
        if weight != 1 {
            JSONWriter.append(raw: ",\"weight\":", to: &bytes)
            JSONWriter.append(weight, to: &bytes)
        }
        JSONWriter.append(raw: ",\"lastUpdated\":", to: &bytes)
        JSONWriter.append(lastUpdated.millisecondsSince1970, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The stable JSON form: one object on one line.
    public var jsonString: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(_ name: StaticString, _ text: String?, into bytes: inout [UInt8]) {
        guard let text else { return }
        JSONWriter.append(raw: name, to: &bytes)
        JSONWriter.append(text, to: &bytes)
    }
}

extension AgentProgress {
    /// The most bytes that a record's JSON may have to be read: 64 KiB.
    public static let maxJSONBytes = 64 << 10

    /// The most bytes that an agent's id may have to be read: 1 KiB.
    public static let maxAgentBytes = 1024

    /// Reads a record from its JSON form.
    ///
    /// Needed are `agentId`, `status`, `percentage` (or `progress`) and `lastUpdated`; the others may be missing or null. Fields that are not known
    /// are ignored, numbers beyond their range are brought into it.
    ///
    /// - Throws: ``ProgressError`` with the code `invalidRecord`, which names the field.
    public init(json bytes: [UInt8]) throws(ProgressError) {
        var reader = JSONReader(limits: JSONLimits(maxDepth: 32, maxBytes: AgentProgress.maxJSONBytes))
        // The reader passes its own errors on, and no others.
        let result: Result<AgentProgress, ProgressError>
        do throws(JSONError) {
            result = try reader.read(bytes) { (root) throws(JSONError) -> Result<AgentProgress, ProgressError> in
                AgentProgress.read(root)
            }
        } catch {
            throw ProgressError(.invalidRecord, "a progress record is no JSON that can be read", underlying: error)
        }
        self = try result.get()
    }

    private static func read(_ root: JSONNode) -> Result<AgentProgress, ProgressError> {
        do throws(ProgressError) {
            return .success(try AgentProgress(root))
        } catch {
            return .failure(error)
        }
    }

    init(_ root: JSONNode) throws(ProgressError) {
        let fields = RecordFields(root: root)
        guard root.kind == .object else { throw RecordFields.invalid("it is no object") }
        guard let agent = try fields.text("agentId"), agent.utf8.count <= AgentProgress.maxAgentBytes else {
            throw RecordFields.invalid("agentId must be there, with at most \(AgentProgress.maxAgentBytes) bytes")
        }
        guard let status = try fields.text("status"), status.utf8.count <= AgentProgress.maxStatusBytes else {
            throw RecordFields.invalid("status must be there, with at most \(AgentProgress.maxStatusBytes) bytes")
        }
        var percentage = try fields.number("percentage")
        if percentage == nil { percentage = try fields.number("progress") }
        guard let percentage else { throw RecordFields.invalid("percentage is missing") }
        guard let lastUpdated = try fields.integer("lastUpdated") else {
            throw RecordFields.invalid("lastUpdated is missing")
        }
        var confidence: Confidence?
        if let value = try fields.number("confidence"), let source = try fields.text("confidenceSource") {
            confidence = Confidence(value, source: Confidence.Source(rawValue: source))
        }
        self.init(
            origin: ChunkOrigin(
                projectID: try fields.text("projectId") ?? "", agentID: agent, runID: try fields.text("runId") ?? ""),
            attempt: try fields.integer("attempt") ?? 1, status: ProgressStatus(rawValue: status),
            percentage: percentage, currentStep: try fields.integer("currentStep") ?? 0,
            totalSteps: try fields.integer("totalSteps"), stepName: try fields.text("stepName"),
            content: try fields.text("content"), reasoning: try fields.text("reasoning"), confidence: confidence,
            estimatedTimeRemaining: try fields.estimate(), tokensUsed: try fields.integer("tokensUsed") ?? 0,
            cost: try fields.cost(), weight: try fields.number("weight") ?? 1,
            lastUpdated: Timestamp(millisecondsSince1970: Int64(lastUpdated)))
    }
}

/// The fields of a record, each with an error that names it.
private struct RecordFields {
    let root: JSONNode

    static func invalid(_ what: String) -> ProgressError {
        ProgressError(.invalidRecord, "this is no progress record: \(what)")
    }

    func text(_ name: StaticString) throws(ProgressError) -> String? {
        try value(name, "text") { $0.string }
    }

    func number(_ name: StaticString) throws(ProgressError) -> Double? {
        try value(name, "a number") { $0.double }
    }

    func integer(_ name: StaticString) throws(ProgressError) -> Int? {
        try value(name, "a whole number") { $0.int }
    }

    // As it is written where it is a plain decimal, so that no billionth is lost on the way.
    func cost() throws(ProgressError) -> Cost? {
        try value("cost", "a number of 0 or more") { node in
            guard let units = node.double, units >= 0 else { return nil }
            return Cost(decimal: node.rawBytes) ?? Cost(units)
        }
    }

    func estimate() throws(ProgressError) -> TimeEstimate? {
        guard let expected = try number("estimatedTimeRemaining") else { return nil }
        let range = RecordFields(root: root["estimatedTimeRange"] ?? root)
        return TimeEstimate(
            .milliseconds(bounded: expected), low: .milliseconds(bounded: try range.number("low") ?? expected),
            high: .milliseconds(bounded: try range.number("high") ?? expected))
    }

    private func value<Value>(
        _ name: StaticString, _ what: String, _ read: (JSONNode) -> Value?
    ) throws(ProgressError) -> Value? {
        guard let node = root[name], !node.isNull else { return nil }
        guard let value = read(node) else { throw RecordFields.invalid("\(name) must be \(what)") }
        return value
    }
}

extension Duration {
    /// So many milliseconds, but no more than an estimate can say.
    fileprivate static func milliseconds(bounded value: Double) -> Duration {
        let longest = Double(TimeEstimate.longest.wholeMilliseconds)
        return .milliseconds(Int64(min(longest, max(0, value)).rounded()))
    }
}
