import AgentKit
import ArgumentParser
import DurableLog
import StreamCore

/// One run on the screen, kept in a directory or not.
struct RunSession {
    let options: ModelOptions
    let capabilities: ModelCapabilities
    let directory: RunDirectory?
    let prices: Prices
    let showsReasoning: Bool
    let isJSON: Bool

    /// Shows the run that `stream` makes, to its end.
    func show(_ id: String?, _ stream: (StreamingAgent) -> AgentKit.AgentStream) async throws {
        var configuration = AgentConfiguration(
            model: options.makeModel(capabilities: capabilities), instructions: options.system)
        configuration.sampling = options.sampling
        configuration.reasoningEffort = options.reasoningEffort
        configuration.store = directory?.store
        let agent = StreamingAgent(configuration)
        let interruption = Interruption { agent.interrupt() }
        defer { interruption.cancel() }

        let clock = ContinuousClock()
        var statistics = Statistics(start: clock.now, prices: prices)
        var screen = RunScreen(showsReasoning: showsReasoning, isJSON: isJSON)
        var isPaused = false
        var failure: AgentError?
        screen.open()
        do {
            for try await chunk in stream(agent) {
                let now = clock.now
                if case .finish(.interrupted) = chunk.payload { isPaused = true }
                statistics.add(chunk, now: now)
                screen.show(chunk, status: statistics.line, now: now)
            }
            screen.close(summary: statistics.line)
        } catch {
            screen.close(summary: statistics.hasBegun ? statistics.line : nil)
            failure = error
        }
        try await leave(agent, id, failure, isPaused: isPaused)
    }

    private func leave(
        _ agent: StreamingAgent, _ id: String?, _ failure: AgentError?, isPaused: Bool
    ) async throws {
        var isUnknown = false
        if let directory {
            // A model that is not found is another thing.
            if failure?.kind == .notFound, let id {
                do throws(AgentError) {
                    _ = try await agent.state(of: id)
                } catch {
                    isUnknown = error.kind == .notFound
                }
            }
            // The run is all that its stream is for: when it is over, so is the stream.
            if let id, let stream = try? StreamID(id), !isPaused, (try? await agent.state(of: id))?.outcome != nil {
                _ = try? await directory.log.close(stream)
            }
            await directory.log.shutDown()
        }
        if isPaused, let id {
            Terminal.note("agent-stream: interrupted; go on with: agent-stream resume \(id) --store …")
        }
        guard let failure else { return }
        Terminal.note("agent-stream: \(failure.failure.message) (\(failure.kind))")
        if failure.kind == .storage || failure.kind == .fenced { throw ExitCode.unusableStore }
        throw isUnknown ? ExitCode.noSuchRun : ExitCode.failedRun
    }
}
