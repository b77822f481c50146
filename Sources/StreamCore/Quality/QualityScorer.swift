/// Judges what an agent wrote: by rules, as ``TextQualityScorer`` does, or with a model of its own.
///
/// What it says becomes a ``QualityScoreUpdate``, an event of the same stream as the text, so that readers see it by the same way as everything else.
public protocol QualityScorer: Sendable {
    /// What tells its scores from those of others, `text` say; it stands in the event.
    var name: String { get }

    /// Judges a text.
    ///
    /// - Throws: ``QualityScorerError`` when it cannot; no score is then given, and not a bad one.
    func score(_ text: String) async throws(QualityScorerError) -> QualityScore

    /// Judges what an agent of a project wrote, for scorers that expect other things of a headline than of a body; by default whoever wrote it does not matter.
    ///
    /// - Throws: ``QualityScorerError`` when it cannot.
    func score(_ text: String, by agentID: String) async throws(QualityScorerError) -> QualityScore
}

extension QualityScorer {
    /// Judges the text, whoever wrote it.
    public func score(_ text: String, by agentID: String) async throws(QualityScorerError) -> QualityScore {
        try await score(text)
    }
}

/// Why a text could not be judged.
public struct QualityScorerError: Error, Sendable, CustomStringConvertible {
    /// Why, for people.
    public var message: String
    /// The error below, of a model say.
    public var underlying: (any Error)?

    /// An error from its parts.
    public init(_ message: String, underlying: (any Error)? = nil) {
        self.message = message
        self.underlying = underlying
    }

    /// The message.
    public var description: String { message }
}
