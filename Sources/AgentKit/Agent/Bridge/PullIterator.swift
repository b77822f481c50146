/// Turns work that pushes batches into elements that are pulled: the iterator of all our streams that have a producer.
///
/// The work starts with the first pull, in one task, which the iterator owns: dropping the iterator or cancelling the pulling
/// task cancels it, and the end of the stream is told only when the task has ended.
struct PullIterator<Element: Sendable, Failure: Error> {
    /// Pushes the elements into a channel until it is done, and says why it failed if it did.
    typealias Work = @Sendable (BatchChannel<Element>) async -> Failure?

    private enum State {
        case ready(Work)
        case running(Producer)
        case ended
    }

    private let capacity: Int
    private var state: State
    private var batch: [Element] = []
    private var position = 0

    /// An iterator over what `work` pushes, of which about `capacity` elements wait at most.
    init(capacity: Int = 64, work: @escaping Work) {
        self.capacity = capacity
        state = .ready(work)
    }

    /// The next element, or nil after the last.
    mutating func next() async throws(Failure) -> Element? {
        if position == batch.count {
            guard try await refill() else { return nil }
        }
        defer { position += 1 }
        return batch[position]
    }

    /// All elements that are there, at least one, or nil after the last.
    mutating func nextBatch() async throws(Failure) -> [Element]? {
        if position == batch.count {
            guard try await refill() else { return nil }
        }
        defer {
            batch = []
            position = 0
        }
        return position == 0 ? batch : Array(batch[position...])
    }

    private mutating func refill() async throws(Failure) -> Bool {
        let producer: Producer
        switch state {
        case .ready(let work):
            producer = Producer(capacity: capacity, work: work)
            state = .running(producer)
        case .running(let running): producer = running
        case .ended: return false
        }
        var storage: [Element] = []
        swap(&storage, &batch)
        position = 0
        do {
            guard let next = try await producer.next(reusing: &storage) else {
                state = .ended
                return false
            }
            batch = next
            return true
        } catch {
            state = .ended
            throw error
        }
    }

    private final class Producer: Sendable {
        private let channel: BatchChannel<Element>
        private let task: Task<Failure?, Never>

        init(capacity: Int, work: @escaping Work) {
            let channel = BatchChannel<Element>(capacity: capacity)
            self.channel = channel
            task = Task {
                let failure = await work(channel)
                channel.finish()
                return failure
            }
        }

        // The task holds the channel and not this object, so that dropping the iterator comes here.
        deinit {
            task.cancel()
            channel.close()
        }

        func next(reusing storage: inout [Element]) async throws(Failure) -> [Element]? {
            if let elements = await channel.next(reusing: &storage) { return elements }
            // Either the work is over, or this task was cancelled and the work is to end.
            if Task.isCancelled { task.cancel() }
            if let failure = await task.value { throw failure }
            return nil
        }
    }
}
