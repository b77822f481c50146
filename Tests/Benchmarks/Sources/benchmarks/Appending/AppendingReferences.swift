import CReference

/// Appends of one event's bytes by other means than ours: to plain files and to databases.
///
/// Each opens what it needs at its first run, which does not count, and holds it until ``end()``.
@MainActor
final class AppendingReferences {
    private let event: [UInt8]
    private var preallocated: OpaquePointer?
    private var growing: OpaquePointer?
    private var database: OpaquePointer?
    private var redis: OpaquePointer?

    /// The size of a file that is filled with zeros before.
    private static let preallocatedBytes = 64 << 20

    init(event: [UInt8]) {
        self.event = event
    }

    func end() {
        if let preallocated { reference_file_close(preallocated) }
        if let growing { reference_file_close(growing) }
        if let database { reference_sqlite_close(database) }
        if let redis { reference_redis_close(redis) }
        (preallocated, growing, database, redis) = (nil, nil, nil, nil)
        RedisServer.stop()
    }

    /// One write(2) for each event, into a file that grows from nothing each time; in seconds of CPU.
    func write(_ count: Int) -> Double {
        if let growing { reference_file_close(growing) }
        growing = opened(reference_file_open(ScratchFolder.fresh("growing"), 0))
        let start = reference_cpu_seconds()
        _ = checked(reference_append_each(growing, event, event.count, Int32(count), false))
        return reference_cpu_seconds() - start
    }

    /// One write(2) and one fdatasync(2) for each event, in a file that was filled with zeros before.
    func sync(_ count: Int) -> Double {
        checked(reference_append_each(preallocatedFile(), event, event.count, Int32(count), true))
    }

    /// A thread for each writer; the first who waits writes and syncs for all.
    func group(_ writers: Int, _ count: Int, preallocated: Bool) -> Double {
        if !preallocated, growing == nil { growing = opened(reference_file_open(ScratchFolder.fresh("growing"), 0)) }
        let file = preallocated ? preallocatedFile() : growing
        return checked(
            reference_append_group(file, event, event.count, Int32(writers), Int32(count / writers)))
    }

    /// A write and a sync for each batch, by one thread: no hand-over, nobody to answer.
    func batches(of batch: Int, _ count: Int) -> Double {
        checked(reference_append_batches(preallocatedFile(), event, event.count, Int32(batch), Int32(count)))
    }

    /// A transaction for each event, in WAL mode with synchronous=FULL.
    func sqlite(_ writers: Int, _ count: Int) -> Double {
        if database == nil {
            for name in ["base.db-wal", "base.db-shm"] { _ = ScratchFolder.fresh(name) }
            database = opened(reference_sqlite_open(ScratchFolder.fresh("base.db")))
        }
        return checked(
            reference_sqlite_append(database, event, event.count, Int32(writers), Int32(count / writers)))
    }

    /// An XADD for each event, one outstanding on each connection; Redis syncs before it answers.
    func redis(_ connections: Int, _ count: Int) -> Double {
        if redis == nil { redis = opened(RedisServer.connect(connections)) }
        return checked(reference_redis_append(redis, event, event.count, Int32(count / connections)))
    }

    private func preallocatedFile() -> OpaquePointer {
        let file =
            preallocated
            ?? opened(
                reference_file_open(ScratchFolder.fresh("preallocated"), AppendingReferences.preallocatedBytes))
        preallocated = file
        return file
    }

    private func opened(_ pointer: OpaquePointer?) -> OpaquePointer {
        guard let pointer else { fatalError("a reference does not open its file in \(ScratchFolder.path)") }
        return pointer
    }

    private func checked(_ seconds: Double) -> Double {
        precondition(seconds >= 0, "a reference could not append")
        return seconds
    }
}
