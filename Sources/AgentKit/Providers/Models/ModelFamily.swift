/// What is known of a model by its name alone.
enum ModelFamily {
    /// The version of a Claude model, such as 4.6, or nil when the name is no Claude's or says none.
    ///
    /// Names are `claude-3-5-sonnet-…`, `claude-opus-4-6`, `claude-sonnet-5`, `anthropic/claude-sonnet-4.5`; a number of more
    /// than two digits is a date.
    static func claudeVersion(_ name: String) -> (major: Int, minor: Int)? {
        guard let start = name.lowercased().firstRange(of: "claude")?.upperBound else { return nil }
        let words = name.lowercased()[start...].split { !$0.isLetter && !$0.isNumber }
        guard let first = words.firstIndex(where: { $0.count <= 2 && Int($0) != nil }), let major = Int(words[first])
        else { return nil }
        let next = words.index(after: first)
        guard next < words.endIndex, words[next].count <= 2, let minor = Int(words[next]) else { return (major, 0) }
        return (major, minor)
    }

    /// Whether the name is a Claude's at all.
    static func isClaude(_ name: String) -> Bool {
        name.lowercased().contains("claude")
    }

    /// Whether OpenAI lets the model think before it answers: `o1`, `o3-mini`, `gpt-5.2`, not `gpt-4o` or `gpt-5-chat`.
    static func isOpenAIReasoning(_ name: String) -> Bool {
        let name = name.lowercased().split(separator: "/").last.map(String.init) ?? ""
        if name.contains("-chat") { return false }
        if name.first == "o", let digit = name.dropFirst().first, digit.isNumber { return true }
        guard name.hasPrefix("gpt-"), let major = Int(name.dropFirst(4).prefix { $0.isNumber }) else { return false }
        return major >= 5
    }

    /// Whether an open model is known to stream its reasoning apart from the answer.
    static func isOpenReasoning(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["deepseek-r", "reasoner", "qwq", "magistral", "gpt-oss", "thinking", "glm-4.", "glm-5"]
            .contains { name.contains($0) }
    }
}
