public import DurableLog
public import StreamCore

/// What a stretch of a stream says about progress: a step by which a ``ProgressFold`` goes on.
///
/// It covers every event after one offset through another, so that a store can tell whether it has seen all that was before.
public struct ProgressAdvance: Sendable, Hashable {
    /// The event before the stretch.
    public let after: Offset
    /// The last event of the stretch.
    public let through: Offset
    /// The records within it, in the order of their offsets.
    public private(set) var records: [LoggedProgress] = []
    /// The progress events within it that no record could be read from, in the same order.
    public private(set) var unreadable: [Offset] = []

    /// A stretch with its records, which are put in order; those outside of it are left out, and `through` before `after` counts as `after`.
    public init(after: Offset, through: Offset, records: [LoggedProgress], unreadable: [Offset] = []) {
        self.after = after
        self.through = max(after, through)
        let range = self.after...self.through
        self.records = records.filter { range.contains($0.offset) && $0.offset > after }
            .sorted { $0.offset < $1.offset }
        self.unreadable = unreadable.filter { range.contains($0) && $0 > after }.sorted()
    }

    /// What a page of a log says, read after `offset`.
    public init(_ page: EventPage, after offset: Offset) {
        self.init(page.events.lazy.map { ($0.offset, $0.event) }, after: offset, through: page.next)
    }

    /// What a batch says that was just appended.
    ///
    /// - Parameters:
    ///   - events: All events of the batch.
    ///   - last: The offset of the last one, as ``/DurableLog/AppendResult/last`` says.
    ///   - quiet: An event before the batch since which there was no progress, where that is known: the stretch begins there.
    public init(appended events: [StreamEvent], last: Offset, quietSince quiet: Offset? = nil) {
        let start = last.before(events.count)
        let offsets = events.indices.lazy.compactMap { position in
            Offset(era: last.era, index: start.index + UInt64(position) + 1).map { ($0, events[position]) }
        }
        self.init(offsets, after: min(quiet ?? start, start), through: last)
    }

    private init(_ events: some Sequence<(Offset, StreamEvent)>, after: Offset, through: Offset) {
        self.after = after
        self.through = max(after, through)
        for (offset, event) in events where event.isProgress {
            do throws(ProgressError) {
                records.append(LoggedProgress(offset: offset, record: try AgentProgress(json: event.payload)))
            } catch {
                unreadable.append(offset)
            }
        }
    }
}
