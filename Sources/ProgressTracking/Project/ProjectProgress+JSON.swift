import StreamCore

// The stable JSON form, documented in Documentation/Progress.md.

extension ProjectProgress {
    /// Appends the stable JSON form to `bytes`: one object on one line, in UTF-8, with the agents' records in it.
    public func write(into bytes: inout [UInt8]) {
        JSONWriter.append(raw: "{\"overall\":", to: &bytes)
        JSONWriter.append(percentage, to: &bytes)
        JSONWriter.append(raw: ",\"status\":", to: &bytes)
        JSONWriter.append(status.rawValue, to: &bytes)
        JSONWriter.append(raw: ",\"statuses\":{", to: &bytes)
        for (position, status) in statuses.keys.sorted(by: { $0.rawValue < $1.rawValue }).enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.append(status.rawValue, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONWriter.append(statuses[status] ?? 0, to: &bytes)
        }
        JSONWriter.append(raw: "},\"tokensUsed\":", to: &bytes)
        JSONWriter.append(tokensUsed, to: &bytes)
        if let cost {
            JSONWriter.append(raw: ",\"cost\":", to: &bytes)
            bytes.append(contentsOf: cost.description.utf8)
        }
        if isCostPartial { JSONWriter.append(raw: ",\"costPartial\":true", to: &bytes) }
        if let estimatedCompletion {
            JSONWriter.append(raw: ",\"estimatedCompletion\":", to: &bytes)
            JSONWriter.append(estimatedCompletion.expected.millisecondsSince1970, to: &bytes)
            JSONWriter.append(raw: ",\"estimatedCompletionRange\":{\"low\":", to: &bytes)
            JSONWriter.append(estimatedCompletion.low.millisecondsSince1970, to: &bytes)
            JSONWriter.append(raw: ",\"high\":", to: &bytes)
            JSONWriter.append(estimatedCompletion.high.millisecondsSince1970, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        if let lastUpdated {
            JSONWriter.append(raw: ",\"lastUpdated\":", to: &bytes)
            JSONWriter.append(lastUpdated.millisecondsSince1970, to: &bytes)
        }
        JSONWriter.append(raw: ",\"agents\":[", to: &bytes)
        for (position, agent) in agents.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            agent.write(into: &bytes)
        }
        JSONWriter.append(raw: "]}", to: &bytes)
    }

    /// The stable JSON form: one object on one line.
    public var jsonString: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
