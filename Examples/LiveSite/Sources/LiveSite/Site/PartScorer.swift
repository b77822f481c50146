import StreamCore

/// Judges each part by what is expected of its kind.
struct PartScorer: QualityScorer {
    let name = "text"

    func score(_ text: String) async throws(QualityScorerError) -> QualityScore {
        try await TextQualityScorer().score(text)
    }

    func score(_ text: String, by agentID: String) async throws(QualityScorerError) -> QualityScore {
        let part = agentID.split(separator: ".").last ?? ""
        return try await TextQualityScorer(PartScorer.expectations[String(part)] ?? .init()).score(text)
    }

    private static let expectations: [String: TextQualityScorer.Expectations] = [
        "headline": .init(words: 2...10, endsAsSentence: false),
        "subheadline": .init(words: 6...25),
        "body": .init(words: 40...160),
        "cta": .init(words: 2...5, endsAsSentence: false),
    ]
}
