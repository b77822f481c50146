import StreamCore
public import StreamRecovery

/// Checks that a `CheckpointStore` keeps the promises of its protocol.
///
/// A store's test suite needs one line:
///
///     try await CheckpointStoreCompliance.run(on: MyStore())
///
/// or, with a test for each check in a framework that has parameters:
///
///     @Test(arguments: CheckpointStoreCompliance.checks)
///     func complies(check: CheckpointStoreCompliance.Check) async throws { try await check.run(on: store) }
///
/// The checks use streams named `compliance-…` of their own and remove what they wrote, so that a store may be shared. No test framework is imported: a violation is an
/// error that is thrown.
public enum CheckpointStoreCompliance {
    /// What a check works with.
    public struct Subject: Sendable {
        /// The store.
        public var store: any CheckpointStore
        /// Opens the same records once more, as another process would; nil for a store that keeps nothing beyond itself.
        public var reopen: (@Sendable () async throws -> any CheckpointStore)?
        /// The largest record that the store takes, in bytes, at least 64 KiB; nil when it is not known, or too large to try.
        public var limit: Int?

        /// A subject from its parts.
        public init(
            _ store: any CheckpointStore, limit: Int? = nil,
            reopen: (@Sendable () async throws -> any CheckpointStore)? = nil
        ) {
            self.store = store
            self.limit = limit
            self.reopen = reopen
        }
    }

    /// One promise, and how it is checked.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is promised, in a few words; unique.
        public let name: String
        let body: @Sendable (CheckpointStoreRun) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (CheckpointStoreRun) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var description: String { name }

        /// Checks a store, which may be used by other checks before, meanwhile and after.
        ///
        /// - Throws: ``ComplianceViolation`` when the promise is not kept, and what `reopen` throws.
        public func run(on subject: Subject) async throws {
            let run = CheckpointStoreRun(check: name, subject: subject)
            do {
                try await body(run)
            } catch let error as CheckpointStoreError {
                throw run.violation("an operation that must succeed fails with \(error)")
            }
        }

        /// Checks a store of which no more is known.
        ///
        /// - Throws: ``ComplianceViolation`` when the promise is not kept.
        public func run(on store: any CheckpointStore) async throws {
            try await run(on: Subject(store))
        }
    }

    /// All checks.
    public static let checks: [Check] = recordChecks + judgementChecks

    /// Runs all checks, one after the other.
    ///
    /// - Throws: ``ComplianceReport`` with every violation that was found.
    public static func run(on subject: Subject) async throws {
        try await ComplianceReport.gather(checks) { try await $0.run(on: subject) }
    }

    /// Runs all checks on a store of which no more is known.
    ///
    /// - Throws: ``ComplianceReport`` with every violation that was found.
    public static func run(on store: any CheckpointStore) async throws {
        try await run(on: Subject(store))
    }
}

/// What a check works with: the store, names that nobody else has, and ways to say what must hold.
struct CheckpointStoreRun: CheckRun {
    let check: String
    let subject: CheckpointStoreCompliance.Subject
    let stream: String

    init(check: String, subject: CheckpointStoreCompliance.Subject) {
        self.check = check
        self.subject = subject
        stream = "compliance-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }

    var store: any CheckpointStore { subject.store }
    /// A moment that no check reaches.
    var later: Timestamp { Timestamp(millisecondsSince1970: 4_000_000_000_000) }

    func key(_ suffix: String = "", run: String = "run") throws -> Checkpoint.Key {
        Checkpoint.Key(stream: try StreamID(stream + suffix), run: run)
    }

    func requireRecord(_ key: Checkpoint.Key, _ expected: [UInt8]?, in store: any CheckpointStore, _ what: String)
        async throws
    {
        let record = try await store.read(key)
        guard record != expected else { return }
        throw violation(
            "\(what): \(record.map { "\($0.count) bytes" } ?? "nothing") instead of \(expected.map { "the \($0.count) bytes that were written" } ?? "nothing")"
        )
    }
}
