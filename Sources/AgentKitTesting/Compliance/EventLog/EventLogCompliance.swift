public import DurableLog
public import StreamCore

/// Checks that an `EventLog` keeps the promises of its protocol.
///
/// A log's test suite needs one line:
///
///     try await EventLogCompliance.run(on: .init { clock in MyLog(wallClock: clock) })
///
/// or, with a test for each check in a framework that has parameters:
///
///     @Test(arguments: EventLogCompliance.checks)
///     func complies(check: EventLogCompliance.Check) async throws { try await check.run(on: subject) }
///
/// Each check works on a log of its own, so checks may run at the same time. No test framework is imported: a violation is an error that
/// is thrown.
public enum EventLogCompliance {
    /// How a check gets the logs that it works on.
    public struct Subject: Sendable {
        /// What time it is, as the check wants it: it stands still unless the check moves it.
        public typealias WallClock = @Sendable () -> Timestamp

        let make: @Sendable (@escaping WallClock) async throws -> any EventLog
        let reopen: (@Sendable (any EventLog, @escaping WallClock) async throws -> any EventLog)?
        let discard: @Sendable (any EventLog) async throws -> Void

        /// A way to get logs.
        ///
        /// - Parameters:
        ///   - reopen: Ends the log that it is given (properly, or as a crash would) and opens what it has stored; nil, the default,
        ///     for a log that stores nothing, which leaves out the checks about it.
        ///   - discard: Ends a log that a check is done with, and removes what it has stored.
        ///   - make: Makes a log without streams. It takes the time for timestamps, lifetimes and ages from its argument.
        public init(
            reopen: (@Sendable (any EventLog, @escaping WallClock) async throws -> any EventLog)? = nil,
            discard: @escaping @Sendable (any EventLog) async throws -> Void = { _ in },
            make: @escaping @Sendable (@escaping WallClock) async throws -> any EventLog
        ) {
            self.make = make
            self.reopen = reopen
            self.discard = discard
        }
    }

    /// What a log promises beyond, or short of, what all do.
    public struct Expectations: Sendable {
        /// Whether the log takes its time from the wall clock that it is given: true by default; else what is about lifetimes and ages is left out.
        public var takesWallClock: Bool
        /// How many events of 1 KiB it takes at most until a stream that is to keep 8 of them lets go of its oldest: 64 by default; nil for a
        /// log without retention.
        public var eventsUntilTrimmed: Int?
        /// A size of batch in bytes that is `tooLarge`; nil, the default, leaves that out.
        public var refusedBatchSize: Int?
        /// How many events each of four producers appends where readers and producers meet: 250 by default.
        public var eventsPerProducer: Int
        /// After what time something that does not end counts as hanging: 30 seconds by default.
        public var patience: Duration

        /// Expectations from their parts.
        public init(
            takesWallClock: Bool = true, eventsUntilTrimmed: Int? = 64, refusedBatchSize: Int? = nil,
            eventsPerProducer: Int = 250, patience: Duration = .seconds(30)
        ) {
            self.takesWallClock = takesWallClock
            self.eventsUntilTrimmed = eventsUntilTrimmed
            self.refusedBatchSize = refusedBatchSize
            self.eventsPerProducer = max(1, eventsPerProducer)
            self.patience = patience
        }
    }

    /// One promise, and how it is checked.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is promised, in a few words; unique.
        public let name: String
        let body: @Sendable (EventLogRun) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (EventLogRun) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var description: String { name }

        /// Checks a log.
        ///
        /// - Throws: ``ComplianceViolation`` when the promise is not kept, and what the subject's closures throw.
        public func run(on subject: Subject, expecting expectations: Expectations = Expectations()) async throws {
            let time = ComplianceTime()
            let log = try await subject.make(time.clock)
            let run = EventLogRun(
                check: name, subject: subject, expectations: expectations, time: time, log: log)
            do {
                try await run.inTime("the check", limit: expectations.patience * 4) { try await body(run) }
            } catch {
                try? await subject.discard(run.log)
                throw error
            }
            try await subject.discard(run.log)
        }
    }

    /// All checks.
    public static let checks: [Check] =
        streamChecks + appendChecks + refusalChecks + readChecks + retentionChecks + producerChecks + fencingChecks
        + forkChecks + lifetimeChecks + cursorChecks + concurrencyChecks + reopeningChecks

    /// Runs all checks, one after the other.
    ///
    /// - Throws: ``ComplianceReport`` with every violation that was found, and what the subject's closures throw.
    public static func run(on subject: Subject, expecting expectations: Expectations = Expectations()) async throws {
        try await ComplianceReport.gather(checks) { try await $0.run(on: subject, expecting: expectations) }
    }
}
