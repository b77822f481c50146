import StreamCore
import StreamRecovery

extension AgentLoop {
    /// A response that ended well.
    struct Response {
        let finish: FinishReason
        let calls: [ToolCall]
    }

    /// One attempt at a response.
    struct Attempt {
        var message = MessageAssembler()
        var text = ""
        var hasBegun = false
        /// Whether anything of it was handed out, so that it cannot be taken back.
        var isShown = false

        // Of runs that are logged:
        /// Drops what a continuation repeats, for the block that it last saw.
        var join = ContinuationJoin()
        var joinBlock: Int?
        /// Where the provider would go on; nil once it is logged.
        var cursor: ResponseCursor?
        /// The tokens that were logged last.
        var usage: Usage?
        /// Whether a block ended since the last commit.
        var endsBlock = false
        var hasProgressed = false
        /// The recovery that the attempt carries out.
        var recovery: Recovery?
    }

    /// The model that is asked.
    var model: any StreamingModel { durable?.model ?? configuration.model }
    var instrumentation: Instrumentation { configuration.instrumentation }

    /// Streams the model's next response, asking again where nothing of it was handed out and the retry law allows it.
    mutating func respond() async throws(RunFailure) -> Response {
        let request = configuration.request(record.messages, metadata: record.metadata, isFirst: record.steps == 0)
        var number = 1
        while true {
            // Copies of values: an attempt that nobody saw leaves no trace in them.
            let before = (assembler, smoother)
            var attempt = Attempt()
            let failure: RunFailure
            do throws(RunFailure) {
                instrumentation.report(
                    .streamOpened(provider: model.provider, model: model.name, attempt: number))
                let response = try await stream(request, &attempt)
                take(attempt)
                return response
            } catch {
                failure = error
            }
            guard !attempt.isShown, case .model(let error) = failure, let delay = retryDelay(after: error, number)
            else {
                if case .host = failure {} else { await release(&attempt) }
                take(attempt)
                throw failure
            }
            record.usage += attempt.message.usage ?? .zero
            (assembler, smoother) = before
            instrumentation.report(
                .retry(provider: model.provider, cause: error.failure, delay: delay, attempt: number))
            do {
                try await configuration.clock.sleep(for: delay)
            } catch {
                throw .cancelled
            }
            number += 1
        }
    }

    private mutating func stream(_ request: ModelRequest, _ attempt: inout Attempt) async throws(RunFailure) -> Response
    {
        let elapsed = stopwatch(on: configuration.clock)
        var iterator = model.stream(request).makeAsyncIterator()
        var chunks: [AgentChunk] = []
        while let events = try await next(&iterator) {
            attempt.message.append(events)
            guard attempt.message.byteCount <= configuration.outputLimit - record.byteCount else {
                throw .outputLimit(configuration.outputLimit)
            }
            if !attempt.hasBegun, events.contains(where: \.isText) {
                attempt.hasBegun = true
                instrumentation.report(.firstToken(provider: model.provider, model: model.name, after: elapsed()))
            }
            assembler.append(events, at: configuration.wallClock(), to: &chunks)
            try await deliver(&chunks, of: &attempt)
            if Task.isCancelled { throw .cancelled }
        }
        // Before what is held back is handed out, since a cut response that nobody saw may be asked for again.
        guard let finish = attempt.message.finish else { throw report(.endedWithoutFinish) }
        assembler.endResponse(at: configuration.wallClock(), to: &chunks)
        try await deliver(&chunks, of: &attempt, flush: true)
        instrumentation.report(
            .streamFinished(
                provider: model.provider, model: model.name, finish: finish,
                usage: attempt.message.usage ?? .zero))
        return Response(finish: finish, calls: attempt.message.pendingCalls)
    }

    private func next(_ iterator: inout ModelStream.Iterator) async throws(RunFailure) -> [ModelEvent]? {
        do throws(ModelError) {
            return try await iterator.nextBatch()
        } catch {
            throw report(error)
        }
    }

    /// Reports that a model's stream failed.
    func report(_ error: ModelError) -> RunFailure {
        // What a model throws as it is stopped says nothing of the model.
        if Task.isCancelled { return .cancelled }
        instrumentation.report(
            .streamFailed(provider: model.provider, model: model.name, failure: error.failure))
        return .model(error)
    }

    private func retryDelay(after error: ModelError, _ number: Int) -> Duration? {
        guard !Task.isCancelled, case .retry(let delay) = jitter.decide(configuration.retry, error, attempt: number)
        else { return nil }
        return delay
    }

    private mutating func take(_ attempt: Attempt) {
        record.steps += 1
        record.add(attempt.message, text: attempt.text)
    }

    // Hands out what was held back of a response that broke: what was written is not lost.
    private mutating func release(_ attempt: inout Attempt) async {
        var chunks: [AgentChunk] = []
        assembler.endResponse(at: configuration.wallClock(), to: &chunks)
        try? await deliver(&chunks, of: &attempt, flush: true)
    }
}

extension ModelEvent {
    /// Whether it is a piece of content or reasoning.
    var isText: Bool {
        switch self {
        case .content, .reasoning: true
        default: false
        }
    }
}
