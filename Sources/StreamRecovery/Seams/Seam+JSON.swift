public import StreamCore

extension Seam {
    /// Appends the stable JSON form to `bytes`: one object on one line, in UTF-8.
    public func write(into bytes: inout [UInt8]) {
        jsonObject.write(into: &bytes)
    }

    /// The stable JSON form: one object on one line.
    public var jsonString: String { jsonObject.jsonString }

    /// The public event that carries the seam.
    public var event: StreamEvent {
        var payload: [UInt8] = []
        write(into: &payload)
        return StreamEvent(type: .seam, source: origin.agentID, payload: payload)
    }

    private var jsonObject: JSONObject {
        var object: JSONObject = [
            "projectId": .string(origin.projectID), "agentId": .string(origin.agentID),
            "runId": .string(origin.runID), "type": "seam", "attempt": .integer(Int64(attempt)),
            "strategy": .string(strategy.rawValue), "provider": .string(provider), "model": .string(model),
        ]
        object["cutOffset"] = cutOffset.map { .string($0.description) }
        object["droppedBlocks"] = Seam.array(droppedBlocks)
        object["continuedBlock"] = continuedBlock.map { .integer(Int64($0)) }
        object["superseded"] = superseded.map {
            .object(["run": .string($0.runID), "blocks": Seam.array($0.blocks)])
        }
        object["cause"] = .string(cause.rawValue)
        if delay > .zero { object["delay"] = .integer(delay.wholeMilliseconds) }
        object["timestamp"] = timestamp.map { .integer($0.millisecondsSince1970) }
        return object
    }

    private static func array(_ numbers: [Int]) -> JSONValue {
        .array(numbers.map { .integer(Int64($0)) })
    }

    /// How many blocks one seam may name: readers take it from a network.
    static let blockLimit = 1 << 16

    /// Reads a seam from its JSON form; fields that are unknown are passed over.
    ///
    /// - Throws: ``EventFormatError`` that says which field is missing or wrong.
    public init(json bytes: [UInt8]) throws(EventFormatError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(maxDepth: 16, maxBytes: 4 << 20))
        } catch {
            throw EventFormatError(field: "", reason: "\(error)")
        }
        guard value["type"]?.stringValue == "seam" else {
            throw EventFormatError(field: "type", reason: "it is no seam's")
        }
        self.init(
            origin: ChunkOrigin(
                projectID: try Seam.text("projectId", of: value), agentID: try Seam.text("agentId", of: value),
                runID: try Seam.text("runId", of: value)),
            attempt: try Seam.number("attempt", of: value),
            strategy: RecoveryStrategy.Name(rawValue: try Seam.text("strategy", of: value)),
            provider: try Seam.text("provider", of: value), model: try Seam.text("model", of: value),
            droppedBlocks: try Seam.numbers("droppedBlocks", of: value),
            cause: FailureKind(rawValue: try Seam.text("cause", of: value)))
        if let text = value["cutOffset"] {
            guard let offset = text.stringValue.flatMap(Offset.init) else {
                throw EventFormatError(field: "cutOffset", reason: "it is no offset")
            }
            cutOffset = offset
        }
        if value["continuedBlock"] != nil { continuedBlock = try Seam.number("continuedBlock", of: value) }
        if let replaced = value["superseded"] {
            superseded = Superseded(
                runID: try Seam.text("run", of: replaced), blocks: try Seam.numbers("blocks", of: replaced))
        }
        if value["delay"] != nil { delay = .milliseconds(max(0, try Seam.number("delay", of: value))) }
        if value["timestamp"] != nil {
            timestamp = Timestamp(millisecondsSince1970: Int64(try Seam.number("timestamp", of: value)))
        }
    }

    private static func text(_ field: String, of value: JSONValue) throws(EventFormatError) -> String {
        guard let text = value[field]?.stringValue else {
            throw EventFormatError(field: field, reason: "it is no string")
        }
        return text
    }

    private static func number(_ field: String, of value: JSONValue) throws(EventFormatError) -> Int {
        guard let number = value[field]?.intValue else {
            throw EventFormatError(field: field, reason: "it is no integer")
        }
        return number
    }

    private static func numbers(_ field: String, of value: JSONValue) throws(EventFormatError) -> [Int] {
        guard let array = value[field]?.arrayValue else {
            throw EventFormatError(field: field, reason: "it is no array")
        }
        guard array.count <= blockLimit else {
            throw EventFormatError(field: field, reason: "it has more than \(blockLimit) elements")
        }
        let numbers = array.compactMap(\.intValue)
        guard numbers.count == array.count else {
            throw EventFormatError(field: field, reason: "it has an element that is no integer")
        }
        return numbers
    }
}

extension Duration {
    /// The duration in milliseconds, rounded up, and at most the largest number that fits.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let (sum, overflowsToo) = whole.addingReportingOverflow(rest)
        return overflow || overflowsToo ? (seconds < 0 ? .min : .max) : sum
    }
}
