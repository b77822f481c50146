import StreamCore
import Synchronization

/// The streams of a log that are in use: each is opened once, whoever asks for it, and put away when others are used more.
final class StreamTable: Sendable {
    /// What is known of a name while anybody is concerned with it.
    final class Slot: Sendable {
        let state = Mutex(SlotState())
        /// How many are at work on it; changed under the table's lock.
        let users = Atomic(0)
        /// When it was used last, as the table counts.
        let used = Atomic<UInt64>(0)
    }

    struct SlotState: Sendable {
        var stream: FileStream?
        weak var signal: AppendSignal?
    }

    private struct Slots {
        var byName: [StreamID: Slot] = [:]
        /// The slot that was looked for last: token after token is for the same stream, and need not hash its name.
        private var latest: (id: StreamID, slot: Slot)?

        mutating func find(_ id: StreamID) -> Slot? {
            if let latest, latest.id == id { return latest.slot }
            guard let slot = byName[id] else { return nil }
            latest = (id, slot)
            return slot
        }

        mutating func remove(_ id: StreamID) {
            byName[id] = nil
            latest = nil
        }
    }

    private let slots = Mutex(Slots())
    private let clock = Atomic<UInt64>(0)

    init() {}

    /// The stream, when it is open.
    func stream(_ id: StreamID) -> FileStream? {
        guard let slot = slots.withLock({ $0.find(id) }) else { return nil }
        slot.used.store(clock.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
        return slot.state.withLock { $0.stream }
    }

    /// Does something with the slot of a name, alone.
    func with<Value: Sendable, Failure: Error>(
        _ id: StreamID, _ body: (inout SlotState) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let slot = slots.withLock { slots in
            let slot = slots.byName[id] ?? Slot()
            slots.byName[id] = slot
            slot.users.add(1, ordering: .relaxed)
            slot.used.store(clock.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
            return slot
        }
        defer {
            slots.withLock { slots in
                // Nobody else has it: what it holds can be looked at without waiting.
                if slot.users.subtract(1, ordering: .relaxed).newValue == 0,
                    slot.state.withLock({ $0.stream == nil && $0.signal == nil })
                {
                    slots.remove(id)
                }
            }
        }
        return try slot.state.withLock { (state) throws(Failure) in try body(&state) }
    }

    /// The streams that were not used for the longest time, beyond so many that stay.
    func surplus(over count: Int) -> [StreamID] {
        slots.withLock { slots in
            guard slots.byName.count > count else { return [] }
            return slots.byName.filter { $0.value.users.load(ordering: .relaxed) == 0 }
                .map { (id: $0.key, used: $0.value.used.load(ordering: .relaxed)) }
                .sorted { $0.used < $1.used }.prefix(slots.byName.count - count).map(\.id)
        }
    }

    /// All names that are in use.
    var streams: [StreamID] { slots.withLock { Array($0.byName.keys) } }
}
