import AgentKitTesting
import DurableLog
import StreamCore

/// Tells a story to a log, and remembers.
struct LogTeller {
    let system: FaultInjectingFileSystem
    private(set) var log: FileEventLog?
    private(set) var memory: LogMemory
    private let open: @Sendable (FaultInjectingFileSystem) throws -> FileEventLog

    init(
        _ system: FaultInjectingFileSystem, memory: LogMemory = LogMemory(),
        open: @escaping @Sendable (FaultInjectingFileSystem) throws -> FileEventLog = { try $0.openLogInline() }
    ) {
        self.system = system
        self.memory = memory
        self.open = open
    }

    /// Does a step; a failure of the storage is remembered, any other one thrown.
    mutating func tell(_ step: LogStory.Step) async throws {
        if log == nil {
            do { log = try open(system) } catch let error as EventLogError where error.code == .storage { return }
        }
        guard let log else { return }
        switch step {
        case .create(let id, let options): try await create(id, options, log)
        case .append(let id, let count, let durability, let size, let isStamped):
            let numbers = Array(memory.nextNumber..<memory.nextNumber + count)
            memory.nextNumber += count
            try await append(numbers, to: id, durability, size, isStamped, log)
        case .barrier(let id):
            if try await (attempt { try await log.append([], to: id, options: AppendOptions(durability: .synced)) })
                != nil
            {
                noteSync(id)
            }
        case .claim(let id):
            guard let producer = LogMemory.producer else { return }
            if let epoch = try await attempt({ try await log.claim(producer, in: id) }) {
                memory.streams[id]?.epoch = epoch
                memory.streams[id]?.sequence = 0
                noteSync(id)
            }
        case .close(let id):
            memory.streams[id]?.isClosed = nil
            if try await attempt({ try await log.close(id) }) != nil {
                memory.streams[id]?.isClosed = true
                noteSync(id)
            }
        case .delete(let id):
            memory.streams[id]?.existence = .unknown
            if try await attempt({ try await log.delete(id) }) != nil { memory.streams[id]?.existence = .removed }
        case .reopen:
            await log.shutDown()
            self.log = nil
        }
    }

    mutating func tell(_ story: LogStory) async throws {
        for step in story.steps { try await tell(step) }
    }

    /// Ends the log without a word, as the end of its process does.
    mutating func drop() {
        log = nil
    }

    private mutating func create(_ id: StreamID, _ options: StreamOptions, _ log: FileEventLog) async throws {
        let greatest = memory.streams[id]?.greatest ?? .start
        let source = options.fork.flatMap { memory.streams[$0.source] }
        let creation = try await attempt { try await log.create(id, options: options) }
        if let known = memory.streams[id], creation?.isNew != true {
            // The one that was there, if it is.
            memory.streams[id]?.existence = creation == nil ? .unknown : .made
            if known.existence != .removed { return }
        }
        let isMade = creation != nil
        memory.streams[id] = LogMemory.Stream(
            existence: isMade ? .made : .unknown, options: options,
            inherited: (source?.inherited ?? [])
                + (source?.batches ?? []).filter { $0.last != nil }.map { batch in
                    var batch = batch
                    batch.isSynced = true
                    return batch
                }, greatest: greatest)
        if isMade, let source = options.fork?.source { noteSync(source) }
    }

    private mutating func append(
        _ numbers: [Int], to id: StreamID, _ durability: Durability, _ size: Int, _ isStamped: Bool, _ log: FileEventLog
    ) async throws {
        guard let stream = memory.streams[id] else { return }
        var options = AppendOptions(durability: durability)
        if isStamped, let producer = LogMemory.producer {
            options.producer = ProducerStamp(id: producer, epoch: stream.epoch, sequence: stream.sequence)
        }
        let sent = options
        let events = numbers.map { LogMemory.event($0, size: size) }
        let result = try await attempt { try await log.append(events, to: id, options: sent) }
        memory.streams[id]?.batches.append(
            LogMemory.Batch(numbers: numbers, last: result?.last, isSynced: result != nil && durability == .synced))
        guard let result else { return }
        if result.last <= stream.greatest { throw Misread("\(result.last) of \(id) was given before") }
        memory.streams[id]?.greatest = result.last
        if isStamped { memory.streams[id]?.sequence += 1 }
        if durability == .synced { noteSync(id) }
    }

    /// What was acknowledged before something synced is as durable.
    private mutating func noteSync(_ id: StreamID) {
        guard let batches = memory.streams[id]?.batches else { return }
        for index in batches.indices where batches[index].last != nil {
            memory.streams[id]?.batches[index].isSynced = true
        }
    }

    /// What became of something; nil when the storage, or what an earlier failure has left, stood against it.
    private func attempt<Value>(_ work: () async throws -> Value) async throws -> Value? {
        do {
            return try await work()
        } catch let error as EventLogError {
            let codes: [EventLogError.Code] = [
                .storage, .notFound, .closed, .producerGap, .newEpochSequence, .conflict, .staleEpoch,
            ]
            guard codes.contains(error.code) else { throw error }
            return nil
        }
    }
}

/// A log that holds something else than it should.
struct Misread: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension FaultInjectingFileSystem {
    /// A log that waits for its disk where it stands, with small pages: thousands are opened and none needs a thread.
    func openLogInline() throws -> FileEventLog {
        try openLog(
            options: FileLogOptions(
                recentBytes: 1024, wallClock: { Timestamp(millisecondsSince1970: 1_767_225_600_000) }),
            worker: { $0() })
    }
}
