/// What a check works with, in whichever suite: it says what must hold.
protocol CheckRun: Sendable {
    /// The check's name.
    var check: String { get }
}

extension CheckRun {
    func violation(_ message: String) -> ComplianceViolation { ComplianceViolation(check: check, message: message) }

    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw violation(message()) }
    }
}

/// What a check works with whose subject fails with errors of one type, and does not hang.
protocol TimedCheckRun: CheckRun {
    /// What the subject throws.
    associatedtype Failure: Error
    /// How long anything may take.
    var patience: Duration { get }
}

extension TimedCheckRun {
    /// Runs `work`, which is a violation when it fails with a `Failure` or does not end in time.
    func inTime<Value: Sendable>(
        _ what: String, limit: Duration? = nil, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let limit = limit ?? patience
        do {
            return try await withPatience(limit, orThrow: violation("\(what): hangs, nothing for \(limit)"), work)
        } catch let error as Failure {
            throw violation("\(what): fails with \(error)")
        }
    }

    /// The `Failure` that `work` ends with in time.
    ///
    /// - Parameter expected: What it must fail with, for the violation when it succeeds.
    func failure(
        of what: String, expecting expected: String, within limit: Duration? = nil,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> Failure {
        let error = try await inTime(what, limit: limit) { () async throws -> (any Error)? in
            do { try await work() } catch { return error }
            return nil
        }
        guard let error else { throw violation("\(what): succeeds instead of failing with \(expected)") }
        guard let failure = error as? Failure else { throw error }
        return failure
    }
}
