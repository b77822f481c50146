/// Where a ``ModelStream`` gets its events: one response, pulled batch by batch.
public protocol ModelEventSource {
    /// The next events, at least one; nil after the last.
    ///
    /// - Throws: ``ModelError``; after it, the source is not asked again.
    mutating func nextBatch() async throws(ModelError) -> [ModelEvent]?
}

/// A model's answer as an async sequence of events; each iteration is a request of its own.
///
/// Events that arrived together are handed out without suspending.
public struct ModelStream: AsyncSequence, Sendable {
    /// What is streamed.
    public typealias Element = ModelEvent
    /// What is thrown.
    public typealias Failure = ModelError

    private let makeSource: @Sendable () -> any ModelEventSource

    /// A stream whose every iteration makes a source.
    public init(_ makeSource: @escaping @Sendable () -> any ModelEventSource) {
        self.makeSource = makeSource
    }

    /// An iteration: sends the request when the first event is asked for.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: makeSource())
    }

    /// Walks over one response.
    public struct Iterator: AsyncIteratorProtocol {
        private var source: (any ModelEventSource)?
        private var batch: [ModelEvent] = []
        private var position = 0

        init(source: any ModelEventSource) {
            self.source = source
        }

        /// The next event, or nil after the last.
        public mutating func next() async throws(ModelError) -> ModelEvent? {
            if position == batch.count {
                guard let next = try await nextBatch() else { return nil }
                batch = next
                position = 0
            }
            defer { position += 1 }
            return batch[position]
        }

        /// The next event, or nil after the last; the isolation is only for the sequence protocol's sake.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ModelError) -> ModelEvent? {
            try await next()
        }

        /// All events that are there, at least one, or nil after the last: the form for hot paths.
        public mutating func nextBatch() async throws(ModelError) -> [ModelEvent]? {
            if position < batch.count {
                defer { position = batch.count }
                return Array(batch[position...])
            }
            while true {
                do {
                    guard let next = try await source?.nextBatch() else {
                        source = nil
                        return nil
                    }
                    if !next.isEmpty { return next }
                } catch {
                    source = nil
                    throw error
                }
            }
        }
    }
}
