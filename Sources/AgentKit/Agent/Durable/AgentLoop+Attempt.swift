import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

extension AgentLoop {
    /// Makes one attempt at a response, admitted by what is known of the provider, and watched for silence.
    mutating func perform(_ opening: Opening, _ attempt: inout Attempt) async throws(RunFailure) -> Response {
        guard let durable else { throw .cancelled }
        let isRetry = opening.recovery.map { !$0.isTakeover } ?? false
        let call: ProviderHealth.Call
        switch durable.store.health.begin(durable.model.provider, isRetry: isRetry) {
        case .admitted(let admitted): call = admitted
        case .refused:
            throw .model(
                ModelError(
                    kind: .overloaded,
                    message: "so many requests to \(durable.model.provider) failed that it is not asked at the moment"))
        }
        do throws(RunFailure) {
            try await begin(opening, &attempt)
            let response = try await watched(call, opening, &attempt)
            durable.store.health.ended(call)
            return response
        } catch {
            if case .model(let failure) = error {
                durable.store.health.ended(call, failure: failure.kind)
            } else {
                durable.store.health.abandoned(call)
            }
            throw error
        }
    }

    // Logs the attempt, and makes ready for its events.
    private mutating func begin(_ opening: Opening, _ attempt: inout Attempt) async throws(RunFailure) {
        guard var durable else { return }
        if opening.recovery == nil { durable.history.requested() }
        let now = configuration.wallClock()
        let fold = durable.fold
        attempt.recovery = opening.recovery
        attempt.join = opening.recovery?.plan.join ?? ContinuationJoin()
        assembler = ChunkAssembler(options: configuration.chunks, nextBlock: fold.nextBlock, after: fold.text)
        smoother = configuration.smoothing.map(Smoother.init)
        if let block = opening.recovery?.plan.continuedBlock {
            assembler.goOn(in: block, isSameResponse: opening.isSameResponse)
        }
        durable.journal.stage(
            .attempt(
                RunEntry.Attempt(
                    number: fold.attempts + 1, step: fold.steps, strategy: opening.strategy,
                    provider: durable.model.provider, model: durable.model.name, timestamp: now)))
        self.durable = durable
        self.durable?.stageProgress(.running, at: now)
        try await self.durable?.commit()
        instrumentation.report(
            .streamOpened(provider: durable.model.provider, model: durable.model.name, attempt: fold.attempts + 1))
    }

    /// Reads the model's stream to its end.
    mutating func read(
        _ call: ProviderHealth.Call, _ opening: Opening, _ attempt: inout Attempt, _ watch: StreamWatch?
    ) async throws(RunFailure) -> Response {
        guard let durable else { throw .cancelled }
        let model = durable.model
        let elapsed = stopwatch(on: configuration.clock)
        let stream =
            switch opening.ask {
            case .request(let request): model.stream(request)
            case .rest(let cursor): model.resume(after: cursor)
            }
        // What the provider sent before the cursor, and readers have not seen yet.
        if opening.isSameResponse, let held = durable.fold.position?.held, !held.isEmpty {
            try await take([.content(block: 0, text: held)], &attempt)
        }
        var iterator = stream.makeAsyncIterator()
        while let events = try await next(&iterator, watch) {
            if !attempt.hasBegun, events.contains(where: \.isText) {
                attempt.hasBegun = true
                durable.store.health.answered(call)
                instrumentation.report(.firstToken(provider: model.provider, model: model.name, after: elapsed()))
            }
            try await take(events, &attempt)
            if Task.isCancelled { throw .cancelled }
        }
        guard let finish = attempt.message.finish else { throw report(.endedWithoutFinish) }
        return try await end(opening, finish, &attempt)
    }

    private func next(
        _ iterator: inout ModelStream.Iterator, _ watch: StreamWatch?
    ) async throws(RunFailure) -> [ModelEvent]? {
        watch?.waits()
        do throws(ModelError) {
            let events = try await iterator.nextBatch()
            watch?.pauses(afterProgress: true)
            return events
        } catch {
            watch?.pauses(afterProgress: false)
            throw report(error)
        }
    }

    /// Ends a response that went well: its turn is logged, and synced unless tools follow, which sync it.
    private mutating func end(
        _ opening: Opening, _ finish: FinishReason, _ attempt: inout Attempt
    ) async throws(RunFailure) -> Response {
        let shown = stageRest(&attempt)
        let turn = opening.turn(with: attempt.message.message?.parts ?? [])
        let calls = turn?.pendingCalls ?? []
        guard let fold = durable?.fold else { throw .cancelled }
        let step = fold.steps
        // The first part of a response may have told of the tokens of all of it.
        let usage = attempt.message.usage ?? (opening.isSameResponse ? fold.attemptUsage : .zero)
        durable?.journal.stage(
            .turn(
                RunEntry.Turn(
                    step: step, message: turn, finish: finish, usage: usage, byteCount: attempt.message.byteCount)))
        durable?.history.progressed()
        // Of a response that was shown up to its end, the end is all that was to come.
        tell(.progressed, of: attempt)
        let now = configuration.wallClock()
        if !calls.isEmpty { durable?.stageProgress(.waiting, at: now) }
        try await commit(chunks: shown.count, endsBlock: true, calls.isEmpty ? .synced : .buffered, at: now)
        try await show(shown)
        synchronizeRecord()
        instrumentation.report(
            .streamFinished(provider: model.provider, model: model.name, finish: finish, usage: usage))
        return Response(finish: finish, calls: calls)
    }

    /// Hands out what was held back of a response that is not recovered: what was written is not lost.
    mutating func release(_ attempt: inout Attempt, after failure: RunFailure) async throws(RunFailure) {
        defer { synchronizeRecord() }
        switch failure {
        case .host, .log, .fenced: return
        default: break
        }
        let shown = stageRest(&attempt)
        try await commit(chunks: shown.count, endsBlock: true, at: configuration.wallClock())
        try? await show(shown)
    }
}
