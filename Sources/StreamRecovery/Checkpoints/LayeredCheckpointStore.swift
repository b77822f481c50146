public import StreamCore

/// Memory first, then the store: what this process wrote itself is found without asking the store.
///
/// A checkpoint in memory may be older than one that another process wrote meanwhile; it is as good, since whoever takes a run over reads the log from the checkpoint's position on.
public struct LayeredCheckpointStore: CheckpointStore {
    private let memory: MemoryCheckpointStore
    private let store: any CheckpointStore

    /// A memory in front of a store.
    public init(memory: MemoryCheckpointStore = MemoryCheckpointStore(), store: any CheckpointStore) {
        self.memory = memory
        self.store = store
    }

    /// Keeps a record in memory, then in the store; one that is too large for the memory goes to the store alone.
    public func write(
        _ record: [UInt8], for key: Checkpoint.Key, expiresAt: Timestamp
    ) async throws(CheckpointStoreError) {
        do throws(CheckpointStoreError) {
            try memory.write(record, for: key, expiresAt: expiresAt)
        } catch {
            memory.remove(key)
        }
        try await store.write(record, for: key, expiresAt: expiresAt)
    }

    /// The run's record from memory, else from the store.
    public func read(_ key: Checkpoint.Key) async throws(CheckpointStoreError) -> [UInt8]? {
        if let record = memory.read(key) { return record }
        return try await store.read(key)
    }

    /// Forgets the run's record in both.
    public func remove(_ key: Checkpoint.Key) async throws(CheckpointStoreError) {
        memory.remove(key)
        try await store.remove(key)
    }
}
