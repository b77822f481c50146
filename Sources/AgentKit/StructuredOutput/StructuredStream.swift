public import StreamCore

/// What a stream of structured output yields.
public enum StructuredOutput<Value: Sendable>: Sendable {
    /// The value as far as it is written; each is a continuation of the one before, unless the model called tools between.
    case partial(JSONValue)
    /// The whole value, and what the run came to; the last element, missing only after ``StreamingAgent/interrupt()``.
    case complete(Value, AgentResult)
}

/// Structured output as an async sequence: snapshots while the model writes, the typed value at the end.
///
/// The run starts when the first element is asked for. A reader that is slow misses no snapshot, and the run waits for it.
/// Dropping the iterator or cancelling the reading task cancels the run.
public struct StructuredStream<Value: Decodable & Sendable>: AsyncSequence, Sendable where Value: SendableMetatype {
    /// What is streamed.
    public typealias Element = StructuredOutput<Value>
    /// What is thrown: of kind `invalidOutput`, with an ``InvalidOutput`` below, when the answer does not fit.
    public typealias Failure = AgentError

    private let agent: StreamingAgent
    private let input: AgentInput
    private let id: String?

    init(agent: StreamingAgent, input: AgentInput, id: String?) {
        self.agent = agent
        self.input = input
        self.id = id
    }

    /// An iteration: runs the agent when the first element is asked for.
    public func makeAsyncIterator() -> Iterator {
        let (agent, input, id) = (agent, input, id)
        return Iterator(
            base: PullIterator(capacity: 16) { channel in
                do throws(AgentError) {
                    let (value, result) = try await agent.value(Value.self, from: input, id: id) { snapshot in
                        try await channel.send([.partial(snapshot)])
                    }
                    // A reader that has gone needs no value; an interrupted run has none.
                    if let value { try? await channel.send([.complete(value, result)]) }
                    return nil
                } catch {
                    return error
                }
            })
    }

    /// Walks over one run.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: PullIterator<StructuredOutput<Value>, AgentError>

        init(base: PullIterator<StructuredOutput<Value>, AgentError>) {
            self.base = base
        }

        /// The next element, or nil after the last.
        public mutating func next() async throws(AgentError) -> StructuredOutput<Value>? {
            try await base.next()
        }

        /// The next element, or nil after the last; the isolation is only for the sequence protocol's sake.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(AgentError) -> StructuredOutput<Value>? {
            try await base.next()
        }
    }
}
