/// A judgement of what an agent wrote, as it stands in the agent's stream: an event of type `agent:quality`.
///
/// ```json
/// {"projectId":"site-1","agentId":"writer","runId":"run-7","type":"quality","block":1,"scorer":"text","score":0.9,
///  "dimensions":{"readability":0.8,"length":1.0},"issues":[{"dimension":"readability","message":"…"}],"timestamp":1767225600000}
/// ```
public struct QualityScoreUpdate: Sendable, Hashable {
    /// Whose text it is.
    public var origin: ChunkOrigin
    /// Which block of the run was judged; nil for all of its text.
    public var block: Int?
    /// Who judged it: ``QualityScorer/name``.
    public var scorer: String
    /// The judgement.
    public var quality: QualityScore
    /// When.
    public var timestamp: Timestamp

    /// An update from its parts.
    public init(
        origin: ChunkOrigin, block: Int? = nil, scorer: String, quality: QualityScore, timestamp: Timestamp
    ) {
        self.origin = origin
        self.block = block
        self.scorer = scorer
        self.quality = quality
        self.timestamp = timestamp
    }

    /// The stable JSON form: one object on one line.
    public var jsonValue: JSONValue {
        var object: JSONObject = [
            "projectId": .string(origin.projectID), "agentId": .string(origin.agentID), "runId": .string(origin.runID),
            "type": "quality",
        ]
        if let block { object["block"] = .integer(Int64(block)) }
        object["scorer"] = .string(scorer)
        object["score"] = .number(quality.score)
        object["dimensions"] = .object(
            JSONObject(quality.dimensions.map { ($0.dimension.rawValue, .number($0.score)) }))
        object["issues"] = .array(
            quality.issues.map { ["dimension": .string($0.dimension.rawValue), "message": .string($0.message)] })
        object["timestamp"] = .integer(timestamp.millisecondsSince1970)
        return .object(object)
    }

    /// An update from its JSON form; nil when something is missing or of another type.
    ///
    /// Unknown members are passed over.
    public init?(jsonValue value: JSONValue) {
        guard value["type"]?.stringValue == "quality", let project = value["projectId"]?.stringValue,
            let agent = value["agentId"]?.stringValue, let run = value["runId"]?.stringValue,
            let scorer = value["scorer"]?.stringValue, let score = value["score"]?.doubleValue,
            let dimensions = value["dimensions"]?.objectValue, let issues = value["issues"]?.arrayValue,
            let time = value["timestamp"]?.intValue
        else { return nil }
        var parts: [(QualityScore.Dimension, Double)] = []
        for (name, part) in dimensions {
            guard let part = part.doubleValue else { return nil }
            parts.append((QualityScore.Dimension(rawValue: name), part))
        }
        var list: [QualityScore.Issue] = []
        for issue in issues {
            guard let name = issue["dimension"]?.stringValue, let message = issue["message"]?.stringValue else {
                return nil
            }
            list.append(QualityScore.Issue(QualityScore.Dimension(rawValue: name), message))
        }
        self.init(
            origin: ChunkOrigin(projectID: project, agentID: agent, runID: run), block: value["block"]?.intValue,
            scorer: scorer, quality: QualityScore(score: score, dimensions: parts, issues: list),
            timestamp: Timestamp(millisecondsSince1970: Int64(time)))
    }
}

extension StreamEvent {
    /// The public event of a judgement, from the agent whose text it is.
    public init(_ update: QualityScoreUpdate) {
        var payload: [UInt8] = []
        update.jsonValue.write(into: &payload)
        self.init(type: .quality, source: update.origin.agentID, payload: payload)
    }
}
