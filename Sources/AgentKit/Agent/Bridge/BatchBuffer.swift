/// What is between producers that push batches and a consumer that pulls them: a bounded buffer as a value.
///
/// It takes a batch as long as fewer than `capacity` elements wait, so that it holds less than `capacity` and one batch
/// more. Whoever has to wait leaves a waiter, and is handed out again when there is something to do.
struct BatchBuffer<Element, Waiter> {
    /// What a producer has to do.
    enum Offer {
        /// Nothing: the batch is taken, and this consumer, if any, can go on.
        case taken(resume: Waiter?)
        /// Wait, then offer the batch again.
        case full
        /// Stop: nobody reads any more.
        case closed
    }

    /// What the consumer has to do.
    enum Poll {
        /// Use these elements; these producers can go on.
        case elements([Element], resume: [Waiter])
        /// Wait, then poll again.
        case empty
        /// Stop: there will be no more.
        case ended
    }

    private let capacity: Int
    private var elements: [Element] = []
    private var producers: [Waiter] = []
    private var consumer: Waiter?
    private var isFinished = false
    private var isClosed = false

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Whether a producer has to wait.
    var isFull: Bool { !isClosed && elements.count >= capacity }

    /// Whether the consumer has to wait.
    var isIdle: Bool { !isClosed && !isFinished && elements.isEmpty }

    /// A producer has elements.
    mutating func offer(_ batch: [Element]) -> Offer {
        if isClosed { return .closed }
        if isFull { return .full }
        if elements.isEmpty, elements.capacity < batch.count {
            elements = batch
        } else {
            elements.append(contentsOf: batch)
        }
        return .taken(resume: takeConsumer())
    }

    /// The consumer wants elements; `storage` is an array that it needs no more, whose memory is used again.
    mutating func poll(reusing storage: inout [Element]) -> Poll {
        guard !elements.isEmpty else { return isFinished || isClosed ? .ended : .empty }
        storage.removeAll(keepingCapacity: true)
        let full = elements
        elements = storage
        storage = []
        defer { producers = [] }
        return .elements(full, resume: producers)
    }

    /// A producer waits for room.
    mutating func wait(producer: Waiter) {
        producers.append(producer)
    }

    /// The consumer waits for elements.
    mutating func wait(consumer: Waiter) {
        self.consumer = consumer
    }

    /// No more is offered.
    mutating func finish() -> Waiter? {
        isFinished = true
        return takeConsumer()
    }

    /// The consumer goes: nothing more is taken, and all who wait can go on.
    ///
    /// What was taken can still be polled: a reader that is cancelled must not take a stream whose end it did not get for one
    /// that went well.
    mutating func close() -> [Waiter] {
        isClosed = true
        defer { producers = [] }
        return producers + (takeConsumer().map { [$0] } ?? [])
    }

    private mutating func takeConsumer() -> Waiter? {
        defer { consumer = nil }
        return consumer
    }
}
