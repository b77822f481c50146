import DurableLog
import StreamCore
import Synchronization

/// A reader that comes and goes, and remembers nothing but what it has seen and where it stands.
final class SimulatedReader: Sendable {
    private struct State: Sendable {
        /// Where to read on.
        var offset = Offset.start
        /// What was seen since the last gap, in order.
        var seen: [Offset] = []
        /// What was seen before gaps.
        var before: [Offset] = []
        var isDone = false
    }

    let name: String
    let filter: EventFilter
    private let pageLimit: PageLimit
    private let isDense: Bool
    private let state = Mutex(State())
    private let witness: SimulationWitness
    private let scheduler: SimulationScheduler

    init(_ number: Int, _ scheduler: SimulationScheduler, _ witness: SimulationWitness) {
        name = "reader \(number)"
        self.scheduler = scheduler
        self.witness = witness
        filter =
            number == 0
            ? .all
            : scheduler.draw(from: [
                .all, .public, EventFilter(types: [.content, .seam]), EventFilter(sources: ["agent-0"]),
                EventFilter(types: [.progress]),
                EventFilter(types: [.complete]),
            ])
        isDense = filter == .all
        pageLimit = PageLimit(
            events: scheduler.draw(from: [1, 2, 5, 30, 1024]), bytes: scheduler.draw(from: [1, 700, 256 << 10]))
    }

    var isDone: Bool { state.withLock { $0.isDone } }

    /// Reads until the stream is closed, its task cancelled, or the log shut down.
    func read(_ stream: StreamID, of log: any EventLog) async {
        while !Task.isCancelled {
            do throws(EventLogError) {
                if try await visit(stream, log) {
                    state.withLock { $0.isDone = true }
                    return
                }
            } catch {
                switch error.code {
                case .cancelled, .unavailable: return
                case .gap: meetGap(error)
                case .notFound, .storage: break
                default:
                    witness.fail("\(name) cannot read: \(error)")
                    return
                }
            }
            await pause()
        }
    }

    // Somebody who is away for a while.
    private func pause() async {
        await Task.yield()
        if scheduler.once(in: 2) { try? await scheduler.clock.sleep(for: .milliseconds(scheduler.draw(1...200))) }
    }

    /// Connects, reads some events and leaves; true at the stream's end.
    private func visit(_ stream: StreamID, _ log: any EventLog) async throws(EventLogError) -> Bool {
        let begin = state.withLock { $0.offset }
        witness.tell("\(name) connects after \(begin)")
        var cursor = log.cursor(over: stream, after: begin, filter: filter, pageLimit: pageLimit).makeAsyncIterator()
        let form = scheduler.draw(0...2)
        for _ in 0..<scheduler.draw(1...30) {
            let events: [LoggedEvent]?
            switch form {
            case 0: events = try await cursor.next().map { [$0] }
            case 1: events = try await cursor.nextBatch()
            default: events = try await cursor.nextPage()
            }
            if witness.isLost(begin) {
                witness.fail("\(name) reads on after \(begin), which was lost, and nobody tells it of a gap")
            }
            guard let events else { return true }
            for event in events { take(event) }
            let offset = cursor.offset
            state.withLock { state in
                if offset < state.offset {
                    witness.fail("\(name)'s cursor went back from \(state.offset) to \(offset)")
                }
                state.offset = offset
            }
        }
        return false
    }

    private func take(_ event: LoggedEvent) {
        let last = state.withLock { state -> Offset? in
            defer {
                state.seen.append(event.offset)
                state.offset = event.offset
            }
            return state.seen.last
        }
        witness.note(SimulationDigest.of(event.event), at: event.offset, "\(name) sees")
        scheduler.note(event.offset.index)
        if !filter.includes(event.event) { witness.fail("\(name) is given \(event.offset), which it does not want") }
        if let last, event.offset <= last { witness.fail("\(name) sees \(event.offset) after \(last)") }
        let expected = last.map { $0.index + 1 } ?? 1
        if isDense, event.offset.index != expected {
            witness.fail("\(name) sees \(event.offset) where number \(expected) comes next")
        }
    }

    private func meetGap(_ error: EventLogError) {
        let offset = state.withLock { state in
            defer {
                state.before += state.seen
                state.seen = []
                state.offset = .start
            }
            return state.offset
        }
        witness.tell("\(name) is told of a gap after \(offset)")
        if !witness.isLost(offset) {
            witness.fail("\(name) is told of a gap after \(offset), which is not lost: \(error)")
        }
        if error.kept == nil { witness.fail("\(name) is told of a gap, and not of what is kept") }
    }

    /// What was seen is what the log has in the end.
    func examine(_ log: [LoggedEvent]) {
        let (seen, before) = state.withLock { ($0.seen, $0.before) }
        let wanted = log.filter { filter.includes($0.event) }.map(\.offset)
        if seen != wanted {
            let place = zip(seen, wanted).prefix { $0 == $1 }.count
            witness.fail(
                "\(name) saw \(seen.count) events and the log has \(wanted.count); they part at \(place): \(seen.dropFirst(place).first?.description ?? "nothing"), \(wanted.dropFirst(place).first?.description ?? "nothing")"
            )
        }
        let places = Set(log.map(\.offset))
        for offset in before where !places.contains(offset) && !witness.isLost(offset) {
            witness.fail("\(name) saw \(offset), which is neither in the log nor lost with the power")
        }
    }
}
