internal import StreamCore

/// OpenRouter's `reasoning_details`: blocks of reasoning that must go back as they were, put together from their pieces.
///
/// Source: OpenRouter's documentation, "Preserving reasoning blocks".
struct ChatReasoningDetails: Sendable {
    private var details: [JSONObject] = []
    private var budget: RetentionBudget
    private let limits: DecodingLimits
    /// The fields whose pieces are joined; of all others the last counts.
    private static let texts = ["text", "summary", "data"]

    init(limits: DecodingLimits) {
        self.limits = limits
        budget = RetentionBudget(limits)
    }

    /// Takes the pieces in one delta.
    mutating func apply(_ node: JSONNode) throws(ModelError) {
        for element in node.elements {
            guard case .object(let piece) = JSONValue(element) else { continue }
            for text in piece.values { try budget.take(text.stringValue ?? "") }
            let place = details.lastIndex {
                $0["index"] == piece["index"] && $0["type"] == piece["type"]
                    && ($0["id"] == piece["id"] || piece["id"]?.stringValue == nil)
            }
            guard let place, piece["index"] != nil else {
                try limits.checkOpenBlocks(details.count)
                details.append(piece)
                continue
            }
            for (key, value) in piece where !value.isNull {
                if ChatReasoningDetails.texts.contains(key), let more = value.stringValue {
                    details[place][key] = .string((details[place][key]?.stringValue ?? "") + more)
                } else {
                    details[place][key] = value
                }
            }
        }
    }

    /// What has to go back, or nil when it is nothing but text.
    var providerData: ProviderData? {
        let isProven = details.contains { $0["signature"]?.stringValue != nil || $0["data"]?.stringValue != nil }
        guard isProven else { return nil }
        return ProviderData(
            provider: ModelDialect.openAIChat.rawValue,
            value: ["reasoning_details": .array(details.map { .object($0) })])
    }
}
