internal import StreamCore

/// The figures of a response's tokens as Anthropic writes them: what a later event says replaces what an earlier one said.
struct AnthropicUsage: Sendable {
    private var input = 0
    private var cacheRead = 0
    private var cacheCreation = 0
    private var output = 0
    private var thinking = 0

    /// Takes the figures that a `usage` object has; false when there is none.
    mutating func update(_ node: JSONNode?) -> Bool {
        guard let node, node.kind == .object else { return false }
        for (key, value) in node.members {
            if value.isNull { continue }
            if key.isString("output_tokens") {
                output = WireUsage.count(value)
            } else if key.isString("input_tokens") {
                input = WireUsage.count(value)
            } else if key.isString("cache_read_input_tokens") {
                cacheRead = WireUsage.count(value)
            } else if key.isString("cache_creation_input_tokens") {
                cacheCreation = WireUsage.count(value)
            } else if key.isString("output_tokens_details") {
                thinking = WireUsage.count(value["thinking_tokens"])
            }
        }
        return true
    }

    /// The figures in our terms: `input_tokens` has neither the tokens read from the cache nor those written to it.
    var usage: Usage {
        // Adding two usages does not trap, whatever a server says.
        Usage(input: input, output: output, reasoning: min(thinking, output))
            + Usage(input: cacheRead, cached: cacheRead) + Usage(input: cacheCreation, cacheWritten: cacheCreation)
    }
}
