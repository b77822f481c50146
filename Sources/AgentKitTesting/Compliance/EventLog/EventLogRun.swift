import DurableLog
import StreamCore
import Synchronization

/// The time of a check, which moves only when the check says so.
final class ComplianceTime: Sendable {
    private let now = Mutex(Timestamp(millisecondsSince1970: 1_767_225_600_000))

    var clock: EventLogCompliance.Subject.WallClock { { self.timestamp } }

    var timestamp: Timestamp { now.withLock { $0 } }

    func advance(seconds: Int64) {
        now.withLock { $0.millisecondsSince1970 += seconds * 1000 }
    }
}

/// What a check works with: a log of its own, and ways to say what it must do.
final class EventLogRun: TimedCheckRun {
    typealias Failure = EventLogError

    let check: String
    let expectations: EventLogCompliance.Expectations
    let time: ComplianceTime
    let stream: StreamID = "compliance/stream"
    private let subject: EventLogCompliance.Subject
    private let current: Mutex<any EventLog>

    init(
        check: String, subject: EventLogCompliance.Subject, expectations: EventLogCompliance.Expectations,
        time: ComplianceTime, log: any EventLog
    ) {
        self.check = check
        self.subject = subject
        self.expectations = expectations
        self.time = time
        current = Mutex(log)
    }

    /// The log as it is now.
    var log: any EventLog { current.withLock { $0 } }

    /// Whether what the log stores can be opened again.
    var canReopen: Bool { subject.reopen != nil }

    /// Ends the log and opens what it has stored.
    func reopen() async throws {
        guard let reopen = subject.reopen else { return }
        let log = try await reopen(log, time.clock)
        current.withLock { $0 = log }
    }

    // MARK: What must hold

    var patience: Duration { expectations.patience }

    func equal<Value: Equatable>(_ value: Value, _ expected: Value, _ what: @autoclosure () -> String) throws {
        if value != expected { throw violation("\(what()): \(value) instead of \(expected)") }
    }

    func value<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws -> Value {
        guard let value else { throw violation("\(what()) is missing") }
        return value
    }

    /// Runs `work`, which must fail with an `EventLogError` of the code.
    @discardableResult
    func fails(
        _ what: String, _ code: EventLogError.Code, _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> EventLogError {
        let error = try await failure(of: what, expecting: "\(code)", work)
        try require(error.code == code, "\(what): fails with \(error) instead of \(code)")
        try require(!error.message.isEmpty, "\(what): the error has no message")
        return error
    }

    // MARK: Events

    /// An event that is told from others by its number; its payload has at least `size` bytes.
    func event(_ number: Int, size: Int = 0, type: StreamEvent.EventType = .content) -> StreamEvent {
        let text = "{\"n\":\(number)}"
        let padding = String(repeating: " ", count: max(0, size - text.utf8.count))
        return StreamEvent(type: type, payload: Array((text + padding).utf8))
    }

    func events(_ numbers: some Sequence<Int>) -> [StreamEvent] { numbers.map { event($0) } }

    /// The number of an event; −1 when it is none of ours.
    func number(_ event: StreamEvent) -> Int {
        let text = String(decoding: event.payload, as: UTF8.self)
        guard text.hasPrefix("{\"n\":"), let end = text.firstIndex(of: "}") else { return -1 }
        return Int(text.dropFirst(5)[..<end]) ?? -1
    }

    /// All events after an offset, page by page; checks each page against what was asked for.
    func readAll(
        _ stream: StreamID? = nil, after offset: Offset = .start, limit: PageLimit = PageLimit()
    ) async throws -> [LoggedEvent] {
        let stream = stream ?? self.stream
        var found: [LoggedEvent] = []
        var position = offset
        while true {
            let page = try await log.read(stream, after: position, limit: limit)
            try require(page.events.count <= limit.events, "a page has more events than the limit allows")
            for (before, event) in zip([position] + page.events.map(\.offset), page.events) {
                try require(before < event.offset, "\(event.offset) comes behind \(before)")
            }
            if let last = page.events.last { try equal(page.next, last.offset, "where a page says to read on") }
            try require(!page.isAtEnd || page.isUpToDate, "a page at the end is not up to date")
            found += page.events
            if page.events.isEmpty || page.isAtEnd {
                try require(page.isUpToDate, "a page with nothing behind it is not up to date")
                return found
            }
            position = page.next
        }
    }

    func numbers(_ stream: StreamID? = nil, after offset: Offset = .start) async throws -> [Int] {
        try await readAll(stream, after: offset).map { number($0.event) }
    }

    /// A stamp of producer `id`.
    func stamp(_ id: String, _ epoch: UInt64, _ sequence: UInt64) throws -> ProducerStamp {
        ProducerStamp(id: try producer(id), epoch: epoch, sequence: sequence)
    }

    func producer(_ id: String) throws -> ProducerID {
        try value(ProducerID(rawValue: id), "the producer \(id)")
    }

    /// Appends one event under a stamp.
    @discardableResult
    func append(_ number: Int, _ stamp: ProducerStamp) async throws -> AppendResult {
        try await log.append([event(number)], to: stream, options: AppendOptions(producer: stamp))
    }
}
