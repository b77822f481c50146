public import StreamCore

/// A run of an agent as an async sequence of chunks; each iteration is a run of its own.
///
/// The run starts when the first chunk is asked for, in a task that the iterator owns; some 64 chunks wait for the reader at
/// most, then the run waits. Dropping the iterator or cancelling the reading task cancels the run, its model's
/// stream and its tools.
public struct AgentStream: AsyncSequence, Sendable {
    /// What is streamed.
    public typealias Element = AgentChunk
    /// What is thrown, after an `.error` chunk.
    public typealias Failure = AgentError

    private let agent: StreamingAgent
    private let task: RunTask
    private let id: String?

    init(agent: StreamingAgent, task: RunTask, id: String?) {
        self.agent = agent
        self.task = task
        self.id = id
    }

    /// An iteration: runs the agent when the first chunk is asked for.
    public func makeAsyncIterator() -> Iterator {
        let (agent, task, id) = (agent, task, id)
        return Iterator(
            base: PullIterator { channel in
                do throws(AgentError) {
                    _ = try await agent.perform(task, id: id ?? agent.jitter.makeRunID(), control: RunControl()) {
                        chunks in try await channel.send(chunks)
                    }
                    return nil
                } catch {
                    return error
                }
            })
    }

    /// Walks over one run.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: PullIterator<AgentChunk, AgentError>

        init(base: PullIterator<AgentChunk, AgentError>) {
            self.base = base
        }

        /// The next chunk, or nil after the last.
        ///
        /// - Throws: ``AgentError``; of kind `cancelled` when the reading task was cancelled.
        public mutating func next() async throws(AgentError) -> AgentChunk? {
            try await base.next()
        }

        /// The next chunk, or nil after the last; the isolation is only for the sequence protocol's sake.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(AgentError) -> AgentChunk? {
            try await base.next()
        }

        /// All chunks that are there, at least one, or nil after the last: the form for hot paths.
        public mutating func nextBatch() async throws(AgentError) -> [AgentChunk]? {
            try await base.nextBatch()
        }
    }
}

extension StreamingAgent {
    /// Runs the agent as a sequence that is pulled; the run starts when the first chunk is asked for.
    ///
    /// - Parameters:
    ///   - input: What the agent is asked.
    ///   - id: The run's identity; nil makes a random one for each iteration.
    ///   - place: The project that the run belongs to, for an agent with a ``AgentConfiguration/store``.
    public func execute(_ input: AgentInput, id: String? = nil, in place: RunPlace = .own) -> AgentStream {
        AgentStream(agent: self, task: .begin(input, place), id: id)
    }

    /// Asks the agent a question; the run starts when the first chunk is asked for.
    public func execute(_ prompt: String, id: String? = nil, in place: RunPlace = .own) -> AgentStream {
        execute(AgentInput(prompt), id: id, in: place)
    }
}
