/// How a piece of code breaks the promises of the protocol that it implements.
public struct ComplianceViolation: Error, Sendable, CustomStringConvertible {
    /// The check that found it.
    public let check: String
    /// What was expected and what happened.
    public let message: String

    /// A violation from its parts.
    public init(check: String, message: String) {
        self.check = check
        self.message = message
    }

    /// Check and message.
    public var description: String { "\(check): \(message)" }
}

/// All violations that a compliance suite found.
public struct ComplianceReport: Error, Sendable, CustomStringConvertible {
    /// The violations, in the order of the checks.
    public let violations: [ComplianceViolation]

    /// One violation a line.
    public var description: String {
        "\(violations.count) violations:\n" + violations.map { "- \($0)" }.joined(separator: "\n")
    }

    /// Runs all checks, whatever the ones before found.
    ///
    /// - Throws: A report where they found violations, and whatever else a check throws, at once.
    static func gather<Check>(_ checks: [Check], _ run: (Check) async throws -> Void) async throws {
        var violations: [ComplianceViolation] = []
        for check in checks {
            do {
                try await run(check)
            } catch let violation as ComplianceViolation {
                violations.append(violation)
            }
        }
        if !violations.isEmpty { throw ComplianceReport(violations: violations) }
    }
}
