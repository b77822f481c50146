public import StreamCore

/// Tells of a run's recoveries from the run's public events: each attempt when it is decided, and again when it is known what came of it.
///
/// A value without I/O; ``RecoveryAttempts`` drives it along a log. It needs nothing but what every reader sees, so that a dashboard in another process, or
/// after the run, is told the same as who works on it. What a seam does not say is not there: a cause has its kind, and words made from it.
public struct RecoveryObserver: Sendable, Hashable {
    /// The run.
    public let runID: String
    /// Whether the run ended.
    public private(set) var isEnded = false

    // The attempt whose outcome is not known yet.
    private var open: RecoveryAttempt?

    /// An observer of a run that has seen nothing.
    public init(runID: String) {
        self.runID = runID
    }

    /// Takes an event of the run's stream, and says what it tells of recoveries; events of other runs tell nothing.
    ///
    /// - Throws: ``EventFormatError`` when a seam, or the run's end, cannot be read; the event is then passed over.
    public mutating func apply(_ event: StreamEvent) throws(EventFormatError) -> [RecoveryAttempt] {
        guard event.visibility == .public, !isEnded else { return [] }
        switch event.type {
        case .seam: return apply(try Seam(json: event.payload))
        case .content, .reasoning, .tool:
            // Most events come while no attempt is open, and are not looked into.
            guard open != nil, try value(of: event) != nil else { return [] }
            return close(.progressed)
        case .complete, .error:
            guard let value = try value(of: event) else { return [] }
            isEnded = true
            return close(event.type == .complete ? .progressed : .failed(Failure(value["error"])))
        default: return []
        }
    }

    private mutating func apply(_ seam: Seam) -> [RecoveryAttempt] {
        guard seam.origin.runID == runID else { return [] }
        let cause = Failure(cause: seam.cause)
        let earlier = close(.failed(cause))
        let attempt = RecoveryAttempt(
            runID: runID, attempt: seam.attempt, strategy: seam.strategy.rawValue, cause: cause, delay: seam.delay,
            provider: seam.provider, model: seam.model)
        open = attempt
        return earlier + [attempt]
    }

    private mutating func close(_ outcome: RecoveryAttempt.Outcome) -> [RecoveryAttempt] {
        guard var attempt = open else { return [] }
        open = nil
        attempt.outcome = outcome
        return [attempt]
    }

    // The payload, if it is of this run.
    private func value(of event: StreamEvent) throws(EventFormatError) -> JSONValue? {
        do throws(JSONError) {
            let value = try JSONValue(parsing: event.payload, limits: RecoveryObserver.limits)
            return value["runId"]?.stringValue == runID ? value : nil
        } catch {
            throw EventFormatError(field: "", reason: "\(error)")
        }
    }

    // A tool's input may be as deep as the default allows, and stands some levels down.
    private static let limits = JSONLimits(maxDepth: JSONLimits.deepest, maxBytes: 64 << 20)
}

extension Failure {
    fileprivate init(cause: FailureKind) {
        self.init(kind: cause, retryable: true, message: "the run broke (\(cause))")
    }

    fileprivate init(_ value: JSONValue?) {
        self.init(
            kind: FailureKind(rawValue: value?["kind"]?.stringValue ?? FailureKind.unknown.rawValue),
            retryable: value?["retryable"]?.boolValue ?? false, message: value?["message"]?.stringValue ?? "")
    }
}
