public import StreamCore
import Synchronization

extension StreamingAgent {
    /// Asks for an answer of a given structure: snapshots while it is written, the typed value at the end.
    ///
    ///     for try await output in agent.generate(Itinerary.self, schema: schema, from: "Three days in Oslo") {
    ///         switch output {
    ///         case .partial(let json): show(json)
    ///         case .complete(let itinerary, _): save(itinerary)
    ///         }
    ///     }
    ///
    /// A provider that can enforce the schema is told to. The answer of one that cannot may stand in a code fence or between
    /// remarks; put the schema into the instructions then.
    ///
    /// - Parameters:
    ///   - type: The type of the value; its decoding decides whether the answer fits.
    ///   - schema: The JSON Schema of `type`; providers want an object's.
    ///   - name: A name for the structure: letters, digits, `_` and `-`.
    ///   - input: What the agent is asked.
    ///   - id: The run's identity; nil makes a random one.
    public func generate<Value: Decodable & Sendable & SendableMetatype>(
        _ type: Value.Type, schema: JSONValue, name: String = "answer", from input: AgentInput, id: String? = nil
    ) -> StructuredStream<Value> {
        StructuredStream(agent: asking(for: schema, name), input: input, id: id)
    }

    /// Asks for an answer of a given structure and waits for it, for callers that do not stream; parameters as above.
    ///
    /// - Throws: ``AgentError``: of kind `invalidOutput`, with an ``InvalidOutput`` below, when the answer does not fit; of
    ///   kind `cancelled` when ``interrupt()`` ended the run before.
    public func respond<Value: Decodable & Sendable & SendableMetatype>(
        to input: AgentInput, as type: Value.Type, schema: JSONValue, name: String = "answer", id: String? = nil
    ) async throws(AgentError) -> Value {
        let agent = asking(for: schema, name)
        let (value, result) = try await agent.value(type, from: input, id: id) { _ in }
        guard let value else { throw RunFailure.cancelled.error(partial: result) }
        return value
    }

    /// Runs the agent, hands out a snapshot whenever the value has grown, and gives the value; nil after an interrupt.
    func value<Value: Decodable & Sendable & SendableMetatype>(
        _ type: Value.Type, from input: AgentInput, id: String?,
        onSnapshot: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws(AgentError) -> (value: Value?, result: AgentResult) {
        let reader = Mutex(StructuredReader())
        let result = try await run(input, id: id) { chunks in
            let snapshot = reader.withLock { $0.append(chunks) }
            if let snapshot { try await onSnapshot(snapshot) }
        }
        if result.finish == .interrupted { return (nil, result) }
        var final = reader.withLock { $0 }
        do throws(InvalidOutput) {
            return (try final.finish(as: type, isCut: result.finish == .length), result)
        } catch {
            throw AgentError(
                kind: .invalidOutput, message: "\(error)", isRetryable: false, underlying: error, partial: result)
        }
    }

    private func asking(for schema: JSONValue, _ name: String) -> StreamingAgent {
        derived { $0.responseSchema = ResponseSchema(name: name, schema: schema) }
    }
}
