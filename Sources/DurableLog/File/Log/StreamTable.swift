import StreamCore
import Synchronization

/// The streams of a log that are in use: each is opened once, whoever asks for it, and put away when others are used more.
final class StreamTable: Sendable {
    /// What is known of a name while anybody is concerned with it.
    final class Slot: Sendable {
        let state = Mutex(SlotState())
    }

    struct SlotState: Sendable {
        var stream: FileStream?
        weak var signal: AppendSignal?
    }

    private struct State {
        var slots: [StreamID: (slot: Slot, users: Int, used: UInt64)] = [:]
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())

    init() {}

    /// Does something with the slot of a name, alone.
    func with<Value: Sendable, Failure: Error>(
        _ stream: StreamID, _ body: (inout SlotState) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let slot = state.withLock { state in
            state.clock += 1
            let slot = state.slots[stream]?.slot ?? Slot()
            state.slots[stream, default: (slot, 0, 0)].users += 1
            state.slots[stream]?.used = state.clock
            return slot
        }
        defer {
            state.withLock { state in
                guard let users = state.slots[stream]?.users else { return }
                state.slots[stream]?.users = users - 1
                // Nobody else has it: what it holds can be looked at without waiting.
                if users == 1, slot.state.withLock({ $0.stream == nil && $0.signal == nil }) {
                    state.slots[stream] = nil
                }
            }
        }
        return try slot.state.withLock { (state) throws(Failure) in try body(&state) }
    }

    /// The streams that were not used for the longest time, beyond so many that stay.
    func surplus(over count: Int) -> [StreamID] {
        state.withLock { state in
            guard state.slots.count > count else { return [] }
            return state.slots.filter { $0.value.users == 0 }.sorted { $0.value.used < $1.value.used }
                .prefix(state.slots.count - count).map(\.key)
        }
    }

    /// All names that are in use.
    var streams: [StreamID] { state.withLock { Array($0.slots.keys) } }
}
