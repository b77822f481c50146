import DurableLog
import StreamCore

/// The lines of a project's file: a state in full, then the stretches that were folded in since.
///
/// Each line is the CRC-32C of what follows in eight hexadecimal digits, a blank, one JSON value, and a line feed. The first says the format's version,
/// the offset and how many agents there are, the next have an agent each with its history, all others a stretch. Documentation/Progress.md
/// describes the fields.
enum ProgressFile {
    static let version = 1
    private static let prefixLength = 9
    // More than any line that is written has: an agent's history of a million points takes some 90 MB.
    private static let lineLimits = JSONLimits(maxDepth: 32, maxBytes: 256 << 20)

    /// What a file says, and how much of it was understood.
    struct Contents {
        var fold: ProgressFold
        /// The bytes of the state in full.
        var stateSize: Int
        /// The bytes up to the end of the last whole line.
        var size: Int
    }

    // MARK: Writing

    /// A state in full.
    static func write(_ fold: ProgressFold, to bytes: inout [UInt8]) {
        line(to: &bytes) { bytes in
            JSONWriter.append(raw: "{\"progressVersion\":", to: &bytes)
            JSONWriter.append(version, to: &bytes)
            JSONWriter.append(raw: ",\"offset\":", to: &bytes)
            JSONWriter.append(fold.offset.description, to: &bytes)
            JSONWriter.append(raw: ",\"unreadable\":", to: &bytes)
            JSONWriter.append(fold.unreadableCount, to: &bytes)
            JSONWriter.append(raw: ",\"maxAgents\":", to: &bytes)
            JSONWriter.append(fold.limits.agents, to: &bytes)
            JSONWriter.append(raw: ",\"maxPoints\":", to: &bytes)
            JSONWriter.append(fold.limits.points, to: &bytes)
            JSONWriter.append(raw: ",\"agents\":", to: &bytes)
            JSONWriter.append(fold.agents.count, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        for agent in fold.agents.values.sorted(by: { $0.latest.offset < $1.latest.offset }) {
            line(to: &bytes) { write(agent, to: &$0) }
        }
    }

    /// A stretch.
    static func write(_ step: ProgressAdvance, to bytes: inout [UInt8]) {
        line(to: &bytes) { bytes in
            JSONWriter.append(raw: "{\"after\":", to: &bytes)
            JSONWriter.append(step.after.description, to: &bytes)
            JSONWriter.append(raw: ",\"through\":", to: &bytes)
            JSONWriter.append(step.through.description, to: &bytes)
            JSONWriter.append(raw: ",\"unreadable\":", to: &bytes)
            list(step.unreadable, to: &bytes) { JSONWriter.append($0.description, to: &$1) }
            JSONWriter.append(raw: ",\"records\":", to: &bytes)
            list(step.records, to: &bytes) { logged, bytes in
                JSONWriter.append(raw: "{\"offset\":", to: &bytes)
                JSONWriter.append(logged.offset.description, to: &bytes)
                JSONWriter.append(raw: ",\"record\":", to: &bytes)
                logged.record.write(into: &bytes)
                bytes.append(UInt8(ascii: "}"))
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ agent: ProgressFold.Agent, to bytes: inout [UInt8]) {
        JSONWriter.append(raw: "{\"offset\":", to: &bytes)
        JSONWriter.append(agent.latest.offset.description, to: &bytes)
        JSONWriter.append(raw: ",\"record\":", to: &bytes)
        agent.latest.record.write(into: &bytes)
        JSONWriter.append(raw: ",\"points\":", to: &bytes)
        list(agent.points, to: &bytes) { point, bytes in
            bytes.append(UInt8(ascii: "["))
            JSONWriter.append(point.offset.description, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONWriter.append(point.timestamp.millisecondsSince1970, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONWriter.append(point.attempt, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONWriter.append(point.status.rawValue, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONWriter.append(point.percentage, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONWriter.append(point.tokensUsed, to: &bytes)
            if let cost = point.cost {
                bytes.append(UInt8(ascii: ","))
                JSONWriter.append(cost.nanos, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func list<Element>(
        _ elements: [Element], to bytes: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "["))
        for (position, element) in elements.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private static func line(to bytes: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: prefixLength))
        write(&bytes)
        let digits = hexadecimal(checksum(bytes[(start + prefixLength)...]))
        for (position, digit) in digits.enumerated() { bytes[start + position] = digit }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { CRC32C(of: $0).value }
    }

    private static func hexadecimal(_ value: UInt32) -> [UInt8] {
        let text = String(value, radix: 16)
        return Array(repeating: UInt8(ascii: "0"), count: 8 - text.utf8.count) + text.utf8
    }

    // MARK: Reading

    /// What a file's bytes say; a last line without its end was not finished, and does not count.
    ///
    /// - Throws: A sentence that says what is damaged and where.
    static func read(_ bytes: [UInt8]) throws(Damage) -> Contents {
        var lines = Lines(bytes: bytes)
        guard let first = try lines.next() else { throw Damage(position: 0, what: "the state is not whole") }
        var header = try parse(first, Header.init)
        guard header.version == version else {
            throw Damage(position: 0, what: "version \(header.version) is not \(version)")
        }
        for _ in 0..<header.agentCount {
            guard let line = try lines.next() else {
                throw Damage(position: bytes.count, what: "the state is not whole")
            }
            let agent = try parse(line, ProgressFold.Agent.init)
            header.agents[agent.latest.record.agentID] = agent
        }
        guard header.agents.count == header.agentCount else {
            throw Damage(position: 0, what: "an agent is there twice")
        }
        var contents = Contents(fold: header.fold, stateSize: lines.position, size: lines.position)
        while let line = try lines.next() {
            let step = try parse(line, ProgressAdvance.init(kept:))
            guard contents.fold.advance(by: step) else {
                throw Damage(position: line.startIndex, what: "a stretch before it is missing")
            }
            contents.size = lines.position
        }
        return contents
    }

    /// What is damaged, and at which byte.
    struct Damage: Error, Sendable {
        var position: Int
        var what: String
    }

    private struct Lines {
        let bytes: [UInt8]
        var position = 0

        /// The JSON of the next whole line, or nil when there is none.
        mutating func next() throws(Damage) -> ArraySlice<UInt8>? {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            let start = position + prefixLength
            guard start < end, bytes[start - 1] == UInt8(ascii: " ") else {
                throw Damage(position: position, what: "this is no line of a progress file")
            }
            let line = bytes[start..<end]
            guard bytes[position..<start - 1].elementsEqual(hexadecimal(checksum(line))) else {
                throw Damage(position: position, what: "the checksum does not match")
            }
            position = end + 1
            return line
        }
    }

    private static func parse<Value>(
        _ line: ArraySlice<UInt8>, _ make: (JSONNode) -> Value?
    ) throws(Damage) -> Value {
        var reader = JSONReader(limits: lineLimits)
        let value: Value?
        do throws(JSONError) {
            value = try reader.read(Array(line)) { (root) throws(JSONError) -> Value? in make(root) }
        } catch {
            throw Damage(position: line.startIndex + error.offset, what: "\(error)")
        }
        guard let value else { throw Damage(position: line.startIndex, what: "a field is missing") }
        return value
    }

    private struct Header {
        var version: Int
        var offset: Offset
        var unreadableCount: Int
        var limits: ProgressLimits
        var agentCount: Int
        var agents: [String: ProgressFold.Agent] = [:]

        init?(_ root: JSONNode) {
            guard let version = root["progressVersion"]?.int, let offset = root["offset"]?.offset,
                let unreadable = root["unreadable"]?.int, let maxAgents = root["maxAgents"]?.int,
                let maxPoints = root["maxPoints"]?.int, let agents = root["agents"]?.int, agents >= 0
            else { return nil }
            self.version = version
            self.offset = offset
            unreadableCount = unreadable
            limits = ProgressLimits(agents: maxAgents, points: maxPoints)
            agentCount = agents
        }

        var fold: ProgressFold {
            ProgressFold(limits: limits, offset: offset, unreadableCount: unreadableCount, agents: agents)
        }
    }
}

extension JSONNode {
    fileprivate var offset: Offset? { string.flatMap { Offset($0) } }
}

extension LoggedProgress {
    fileprivate init?(_ root: JSONNode) {
        guard let offset = root["offset"]?.offset, let node = root["record"], let record = try? AgentProgress(node)
        else { return nil }
        self.init(offset: offset, record: record)
    }
}

extension ProgressFold.Agent {
    fileprivate init?(_ root: JSONNode) {
        guard let latest = LoggedProgress(root), let points = root["points"]?.elements.map(ProgressPoint.init(_:)),
            !points.contains(nil)
        else { return nil }
        self.init(latest: latest, points: points.compactMap(\.self))
    }
}

extension ProgressPoint {
    fileprivate init?(_ root: JSONNode) {
        let fields = Array(root.elements)
        guard fields.count == 6 || fields.count == 7, let offset = fields[0].offset, let time = fields[1].int,
            let attempt = fields[2].int, let status = fields[3].string, let percentage = fields[4].double,
            let tokens = fields[5].int
        else { return nil }
        var cost: Cost?
        if fields.count == 7 {
            guard let nanos = fields[6].int else { return nil }
            cost = Cost(nanos: Int64(nanos))
        }
        self.init(
            offset: offset, timestamp: Timestamp(millisecondsSince1970: Int64(time)), attempt: attempt,
            status: ProgressStatus(rawValue: status), percentage: percentage, tokensUsed: tokens, cost: cost)
    }
}

extension ProgressAdvance {
    fileprivate init?(kept root: JSONNode) {
        guard let after = root["after"]?.offset, let through = root["through"]?.offset,
            let records = root["records"]?.elements.map(LoggedProgress.init(_:)), !records.contains(nil),
            let unreadable = root["unreadable"]?.elements.map(\.offset), !unreadable.contains(nil)
        else { return nil }
        self.init(
            after: after, through: through, records: records.compactMap(\.self),
            unreadable: unreadable.compactMap(\.self))
    }
}
