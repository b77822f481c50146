internal import StreamCore

/// The figures of a response's tokens as OpenAI and compatible servers write them.
enum WireUsage {
    /// The usage that an object says, or nil when it is none.
    ///
    /// Chat Completions and Responses differ in names; servers differ in where they put cached tokens, and some (xAI) leave
    /// reasoning out of the completion's tokens.
    static func openAI(_ node: JSONNode?) -> Usage? {
        guard let node, node.kind == .object else { return nil }
        let input = count(node["prompt_tokens"] ?? node["input_tokens"])
        var output = count(node["completion_tokens"] ?? node["output_tokens"])
        let inputDetails = node["prompt_tokens_details"] ?? node["input_tokens_details"]
        let outputDetails = node["completion_tokens_details"] ?? node["output_tokens_details"]
        let cached =
            inputDetails?["cached_tokens"] ?? node["cached_tokens"] ?? node["prompt_cache_hit_tokens"]
        let reasoning = count(outputDetails?["reasoning_tokens"])
        let total = count(node["total_tokens"])
        if reasoning > 0, total > input, total - input > output, total - input - output == reasoning {
            output = total - input
        }
        return Usage(
            input: input, cached: min(count(cached), input),
            cacheWritten: min(count(inputDetails?["cache_write_tokens"]), input), output: output,
            reasoning: min(reasoning, output))
    }

    /// A count of tokens; what is none, or negative, counts as 0.
    static func count(_ node: JSONNode?) -> Int {
        max(0, node?.int ?? 0)
    }
}
