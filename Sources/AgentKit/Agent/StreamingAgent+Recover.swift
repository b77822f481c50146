public import StreamCore

extension StreamingAgent {
    /// Goes on with a run that was interrupted or whose process is gone, as a sequence of what comes from here on.
    ///
    /// The run is taken over when the first chunk is asked for: whoever else works on it is fenced and stops. What was streamed before is in the
    /// log; of a run that is over, the sequence tells how it ended. An answer that was cut goes on by the recovery ladder, after a chunk with the seam.
    ///
    /// - Parameters:
    ///   - id: The run.
    ///   - project: The project that it belongs to; nil for a run in a project of its own.
    public func recover(_ id: String, in project: StreamID? = nil) -> AgentStream {
        AgentStream(agent: self, task: .takeOver(project: project), id: id)
    }

    /// Goes on with the run of this agent that was interrupted last in this process.
    ///
    /// The run may still be about to stop, which it then does as if it had been first; one that had ended before the interrupt came tells how it ended. Where there is none, the stream fails with an error of kind `notFound`.
    public func recover() -> AgentStream {
        guard let start = lastPaused else { return recover("", in: "unknown") }
        return recover(start.runID, in: start.project)
    }

    /// Goes on with a run, and pushes its chunks; otherwise as ``recover(_:in:)``.
    ///
    /// - Throws: As ``run(_:id:in:emit:)``.
    public func recoverRun(
        _ id: String, in project: StreamID? = nil,
        emit: @escaping @Sendable ([AgentChunk]) async throws -> Void = { _ in }
    ) async throws(AgentError) -> AgentResult {
        try await perform(.takeOver(project: project), id: id, control: RunControl(), emit: emit)
    }

    /// The state of a run as the log has it, without taking it over.
    ///
    /// - Throws: ``AgentError`` of kind `notFound` when there is none, `storage` when the log fails.
    public func state(of id: String, in project: StreamID? = nil) async throws(AgentError) -> RunFold {
        let record = RunRecord(id: id, input: AgentInput(messages: []))
        do throws(RunFailure) {
            guard let store = configuration.store else {
                throw .refused(.invalidRequest, "the agent \(name) has no store: its runs end with their process")
            }
            let stream = try StreamID(project: project, of: id)
            let fold = try await RunLoader(store: store, now: configuration.wallClock()).load(id, in: stream)
            guard fold.start != nil else { throw .refused(.notFound, "there is no run \(id) in \(stream)") }
            return fold
        } catch {
            throw error.error(partial: record.result(.other))
        }
    }
}
