public import StreamCore
import Synchronization

/// Checkpoints in memory: for tests, for programs that need not survive, and as the quick half of a ``LayeredCheckpointStore``.
///
/// Bounded: the records that were written longest ago make room for new ones.
public final class MemoryCheckpointStore: CheckpointStore {
    fileprivate struct Entry {
        var record: [UInt8]
        var expiresAt: Timestamp
        var order: UInt64
    }

    fileprivate struct State {
        var entries: [Checkpoint.Key: Entry] = [:]
        // By the order of writing; entries that were written again are passed over when room is made.
        var queue: [(order: UInt64, key: Checkpoint.Key)] = []
        var head = 0
        var byteCount = 0
        var nextOrder: UInt64 = 0
    }

    private let byteLimit: Int
    private let state = Mutex(State())

    /// An empty store.
    ///
    /// - Parameter byteLimit: How many bytes of records are kept: 64 MiB by default. One that is larger on its own is refused.
    public init(byteLimit: Int = 64 << 20) {
        self.byteLimit = max(0, byteLimit)
    }

    /// How many records there are.
    public var count: Int { state.withLock { $0.entries.count } }

    /// Keeps a record in place of the run's earlier one.
    ///
    /// - Throws: `tooLarge`.
    public func write(_ record: [UInt8], for key: Checkpoint.Key, expiresAt: Timestamp) throws(CheckpointStoreError) {
        guard record.count <= byteLimit else {
            throw CheckpointStoreError(
                .tooLarge, "the checkpoint of run \(key.run) has \(record.count) bytes, the store takes \(byteLimit)")
        }
        state.withLock { state in
            state.remove(key)
            state.nextOrder += 1
            state.entries[key] = Entry(record: record, expiresAt: expiresAt, order: state.nextOrder)
            state.queue.append((state.nextOrder, key))
            state.byteCount += record.count
            state.makeRoom(byteLimit)
        }
    }

    /// The run's record, as it was written; nil when there is none.
    public func read(_ key: Checkpoint.Key) -> [UInt8]? {
        state.withLock { $0.entries[key]?.record }
    }

    /// Forgets the run's record.
    public func remove(_ key: Checkpoint.Key) {
        state.withLock { $0.remove(key) }
    }

    /// Forgets all records that may no longer be used.
    public func removeExpired(at now: Timestamp) {
        state.withLock { state in
            for (key, entry) in state.entries where entry.expiresAt <= now { state.remove(key) }
        }
    }
}

extension MemoryCheckpointStore.State {
    fileprivate mutating func remove(_ key: Checkpoint.Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        byteCount -= entry.record.count
        // Half of the queue stands for records that are gone: it is made anew, so that its length is bounded by theirs.
        if queue.count - head > 2 * entries.count + 16 {
            queue = queue[head...].filter { entries[$0.key]?.order == $0.order }
            head = 0
        }
    }

    fileprivate mutating func makeRoom(_ limit: Int) {
        while byteCount > limit, head < queue.count {
            let (order, key) = queue[head]
            head += 1
            if entries[key]?.order == order, let entry = entries.removeValue(forKey: key) {
                byteCount -= entry.record.count
            }
        }
        if head > 64, head * 2 > queue.count {
            queue.removeFirst(head)
            head = 0
        }
    }
}
