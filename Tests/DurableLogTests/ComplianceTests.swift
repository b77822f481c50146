import AgentKitTesting
import DurableLog
import StreamCore
import Synchronization
import Testing

@Suite("Event log compliance") struct ComplianceTests {
    @Test("MemoryEventLog", arguments: EventLogCompliance.checks)
    func memory(check: EventLogCompliance.Check) async throws {
        let limits = MemoryEventLog.Limits(batchBytes: 1 << 20)
        try await check.run(
            on: .init { MemoryEventLog(limits: limits, wallClock: $0) },
            expecting: .init(refusedBatchSize: 1 << 20))
    }

    @Test("Checks have different names")
    func names() {
        #expect(Set(EventLogCompliance.checks.map(\.name)).count == EventLogCompliance.checks.count)
        #expect(EventLogCompliance.checks.count > 50)
    }

    @Test("A log with a fault is found out", arguments: FaultyLog.Fault.allCases)
    func faults(fault: FaultyLog.Fault) async throws {
        let report = await #expect(throws: ComplianceReport.self) {
            try await EventLogCompliance.run(
                on: .init { FaultyLog(fault, MemoryEventLog(wallClock: $0)) },
                expecting: .init(eventsPerProducer: 20, patience: .milliseconds(500)))
        }
        #expect(report?.violations.isEmpty == false)
    }
}

/// A log that breaks one promise.
final class FaultyLog: EventLog {
    enum Fault: CaseIterable {
        case tellsNobody, hidesGaps, writesRepetitionsAgain, fencesNobody, splitsBatches, losesAnEvent, claimsAlike
        case listsBackwards, deletesSourcesOfForks, extendsByInfo, hasManySignals
    }

    private let fault: Fault
    private let log: MemoryEventLog
    private let silent = AppendSignal()
    private let appends = Atomic(0)

    init(_ fault: Fault, _ log: MemoryEventLog) {
        self.fault = fault
        self.log = log
    }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try await log.create(stream, options: options)
    }

    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        var options = options
        let number = appends.add(1, ordering: .relaxed).newValue
        switch fault {
        case .writesRepetitionsAgain: options.producer = nil
        case .fencesNobody:
            do throws(EventLogError) {
                return try await log.append(events, to: stream, options: options)
            } catch {
                guard error.code == .staleEpoch else { throw error }
                options.producer = nil
            }
        case .splitsBatches where events.count > 1 && options == AppendOptions():
            var result: AppendResult?
            for event in events {
                result = try await log.append([event], to: stream, options: options)
                await Task.yield()
            }
            if let result { return result }
        case .losesAnEvent where number == 50 && !events.isEmpty:
            return try await log.append(Array(events.dropLast()), to: stream, options: options)
        default: break
        }
        return try await log.append(events, to: stream, options: options)
    }

    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        do throws(EventLogError) {
            return try await log.read(stream, after: offset, limit: limit)
        } catch {
            guard fault == .hidesGaps, error.code == .gap else { throw error }
            return try await log.read(stream, after: .start, limit: limit)
        }
    }

    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        if fault == .extendsByInfo { _ = try await log.read(stream, after: .start, limit: PageLimit()) }
        return try await log.info(stream)
    }

    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        let signal = try await log.signal(for: stream)
        return fault == .tellsNobody ? silent : fault == .hasManySignals ? AppendSignal() : signal
    }

    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        let epoch = try await log.claim(producer, in: stream)
        return fault == .claimsAlike ? (epoch + 1) / 2 : epoch
    }

    func delete(_ stream: StreamID) async throws(EventLogError) {
        try await log.delete(stream)
        guard fault == .deletesSourcesOfForks else { return }
        for fork in try await log.list(prefix: "", after: nil, limit: 100) {
            if try await log.info(fork).options.fork?.source == stream { try await log.delete(fork) }
        }
    }

    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        let names = try await log.list(prefix: prefix, after: name, limit: limit)
        return fault == .listsBackwards ? names.reversed() : names
    }
}
