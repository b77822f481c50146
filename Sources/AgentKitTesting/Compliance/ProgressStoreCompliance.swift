public import ProgressTracking
import StreamCore

/// Checks that a `ProgressStore` keeps the promises of its protocol.
///
/// A store's test suite needs one line:
///
///     try await ProgressStoreCompliance.run { MyStore() }
///
/// or, with a test for each check in a framework that has parameters:
///
///     @Test(arguments: ProgressStoreCompliance.checks)
///     func complies(check: ProgressStoreCompliance.Check) async throws { try await check.run { MyStore() } }
///
/// No test framework is imported: a violation is an error that is thrown.
public enum ProgressStoreCompliance {
    /// Makes an empty store.
    public typealias MakeStore = @Sendable () async throws -> any ProgressStore
    /// Makes the store as a process finds it that opens it later, or beside; nil for stores that end with their process.
    public typealias ReopenStore = @Sendable (any ProgressStore) async throws -> any ProgressStore

    /// One promise, and how it is checked.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is promised, in a few words; unique.
        public let name: String
        let body: @Sendable (ProgressStoreRun) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (ProgressStoreRun) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var description: String { name }

        /// Checks stores that `make` makes.
        ///
        /// - Parameters:
        ///   - make: Makes an empty store, each time another one.
        ///   - reopen: Opens what a store has kept.
        /// - Throws: ``ComplianceViolation`` when the promise is not kept, and whatever `make` and `reopen` throw.
        public func run(_ make: @escaping MakeStore, reopen: ReopenStore? = nil) async throws {
            do {
                try await body(ProgressStoreRun(check: name, make: make, reopen: reopen))
            } catch let error as ProgressError {
                throw ComplianceViolation(check: name, message: "fails with \(error)")
            }
        }
    }

    /// All checks.
    public static let checks: [Check] = lawChecks + answerChecks

    /// Runs all checks, one after the other.
    ///
    /// - Parameters:
    ///   - make: Makes an empty store, each time another one.
    ///   - reopen: Opens what a store has kept.
    /// - Throws: ``ComplianceReport`` with every violation that was found, and whatever `make` and `reopen` throw.
    public static func run(_ make: @escaping MakeStore, reopen: ReopenStore? = nil) async throws {
        try await ComplianceReport.gather(checks) { try await $0.run(make, reopen: reopen) }
    }
}

/// What a check works with: stores, and ways to say what they must do.
struct ProgressStoreRun: CheckRun {
    let check: String
    let make: ProgressStoreCompliance.MakeStore
    let reopen: ProgressStoreCompliance.ReopenStore?

    /// The state of a project must be `fold`, for this process and for one that comes later.
    func require(_ store: any ProgressStore, _ project: StreamID, is fold: ProgressFold, _ when: String) async throws {
        try await compare(store, project, fold, when)
        if let reopen { try await compare(try await reopen(store), project, fold, "\(when), opened again") }
    }

    private func compare(
        _ store: any ProgressStore, _ project: StreamID, _ fold: ProgressFold, _ when: String
    ) async throws {
        let offset = try await store.offset(of: project)
        try require(offset == fold.offset, "\(when): folded to \(offset) instead of \(fold.offset)")
        let found = try await store.fold(of: project)
        try require(found.records == fold.records, "\(when): other records than the fold has")
        try require(found == fold, "\(when): the records are the fold's, but not the histories or counts")
    }

    /// The fold of some stretches, by the limits that a store has.
    func fold(_ steps: [ProgressAdvance], as store: any ProgressStore) async throws -> ProgressFold {
        var fold = ProgressFold(limits: try await store.fold(of: "never-heard-of").limits)
        for step in steps { fold.advance(by: step) }
        return fold
    }
}
