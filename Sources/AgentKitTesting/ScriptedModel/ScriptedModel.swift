public import AgentKit
public import StreamCore
import Synchronization

/// A model that answers by a script: for tests, for demonstrations, and for work without a network.
///
///     let model = ScriptedModel(ScriptedGeneration([.toolCall("weather", ["city": "Oslo"])]), "It rains in Oslo.")
///     let agent = StreamingAgent(model: model, tools: [weather])
///     …
///     #expect(model.requests[1].messages.last?.role == .tool)
///
/// Each request takes the next generation; a request beyond the last one fails, and says so. Delays pass on the clock that
/// the model is given, so that with a ``ManualClock`` tests need no time.
public final class ScriptedModel: StreamingModel {
    private struct State {
        var requests: [ModelRequest] = []
        var resumes: [ResponseCursor] = []
        var openStreams = 0
    }

    /// The name that the model has for its callers.
    public let name: String
    /// Always `scripted`.
    public var provider: String { "scripted" }
    /// What the model says that it can do.
    public let capabilities: ModelCapabilities

    private let respond: @Sendable (_ request: ModelRequest, _ number: Int) -> ScriptedGeneration
    private let kept: @Sendable (_ responseID: String) -> ScriptedGeneration?
    private let clock: any Clock<Duration>
    private let tokenDelay: Duration
    private let batchSize: Int
    private let state = Mutex(State())

    /// A model that answers with the given generations, one after another.
    ///
    /// - Parameters:
    ///   - generations: The answers, in the order of the requests.
    ///   - name: The name that the model has for its callers.
    ///   - capabilities: What the model says that it can do.
    ///   - clock: The clock of delays.
    ///   - tokenDelay: How long a token takes where the generation does not say.
    ///   - batchSize: How many events arrive together where no delay is between them; at least 1.
    public convenience init(
        _ generations: ScriptedGeneration..., name: String = "scripted",
        capabilities: ModelCapabilities = ScriptedModel.defaultCapabilities,
        clock: any Clock<Duration> = ContinuousClock(), tokenDelay: Duration = .zero, batchSize: Int = 1
    ) {
        self.init(
            generations: generations, name: name, capabilities: capabilities, clock: clock, tokenDelay: tokenDelay,
            batchSize: batchSize)
    }

    /// A model that answers with the given generations, one after another; parameters as above.
    public convenience init(
        generations: [ScriptedGeneration], name: String = "scripted",
        capabilities: ModelCapabilities = ScriptedModel.defaultCapabilities,
        clock: any Clock<Duration> = ContinuousClock(), tokenDelay: Duration = .zero, batchSize: Int = 1
    ) {
        self.init(
            numbered: { _, number in
                if number <= generations.count { return generations[number - 1] }
                return .failure(ScriptedModel.outOfScript(number, of: generations.count))
            },
            kept: { id in
                guard let number = KeptResponse.number(of: id), number <= generations.count else { return nil }
                return generations[number - 1]
            }, name, capabilities, clock, tokenDelay, batchSize)
    }

    /// A model that answers each request with what `respond` makes of it; other parameters as above.
    ///
    /// - Parameters:
    ///   - name: The name that the model has for its callers.
    ///   - capabilities: What the model says that it can do.
    ///   - clock: The clock of delays.
    ///   - tokenDelay: How long a token takes where the generation does not say.
    ///   - batchSize: How many events arrive together where no delay is between them; at least 1.
    ///   - kept: What a provider that keeps responses has under a name, for ``resume(after:)``: the whole response again.
    ///   - respond: Makes the answer to a request.
    public convenience init(
        name: String = "scripted", capabilities: ModelCapabilities = ScriptedModel.defaultCapabilities,
        clock: any Clock<Duration> = ContinuousClock(), tokenDelay: Duration = .zero, batchSize: Int = 1,
        kept: @escaping @Sendable (String) -> ScriptedGeneration? = { _ in nil },
        respond: @escaping @Sendable (ModelRequest) -> ScriptedGeneration
    ) {
        self.init(
            numbered: { request, _ in respond(request) }, kept: kept, name, capabilities, clock, tokenDelay, batchSize)
    }

    private init(
        numbered respond: @escaping @Sendable (ModelRequest, Int) -> ScriptedGeneration,
        kept: @escaping @Sendable (String) -> ScriptedGeneration?, _ name: String, _ capabilities: ModelCapabilities,
        _ clock: any Clock<Duration>, _ tokenDelay: Duration, _ batchSize: Int
    ) {
        self.respond = respond
        self.kept = kept
        self.name = name
        self.capabilities = capabilities
        self.clock = clock
        self.tokenDelay = tokenDelay
        self.batchSize = max(1, batchSize)
    }

    /// Reasoning, tools and structured output.
    public static let defaultCapabilities: ModelCapabilities = [.reasoning, .tools, .structuredOutput]

    /// The requests so far, each recorded when its first event was asked for.
    public var requests: [ModelRequest] { state.withLock { $0.requests } }

    /// The cursors that were resumed after so far.
    public var resumes: [ResponseCursor] { state.withLock { $0.resumes } }

    /// How many responses have begun and neither ended nor been dropped: 0 after a cancelled run, or something leaks.
    public var openStreams: Int { state.withLock { $0.openStreams } }

    /// The next generation as a stream; see ``/AgentKit/StreamingModel/stream(_:)``.
    public func stream(_ request: ModelRequest) -> ModelStream {
        ModelStream { ScriptedSource(model: self, request: request) }
    }

    /// What is left of a response after a cursor, for a model with ``/StreamCore/ModelCapabilities/backgroundResume``; blocks are numbered from 0.
    public func resume(after cursor: ResponseCursor) -> ModelStream {
        ModelStream { ScriptedSource(model: self, cursor: cursor) }
    }

    fileprivate func begin(_ request: ModelRequest) -> ScriptedResponse {
        let number = state.withLock { state in
            state.requests.append(request)
            state.openStreams += 1
            return state.requests.count
        }
        let generation = respond(request, number)
        var actions = GenerationCompiler(generation, requestNumber: number, tokenDelay: tokenDelay).actions
        if let connectionBreak = generation.connectionBreak { actions = actions.breaking(connectionBreak) }
        if capabilities.contains(.backgroundResume) {
            actions = actions.withCursors(generation.responseID ?? KeptResponse.id(of: number))
        }
        return response(actions)
    }

    fileprivate func resume(_ cursor: ResponseCursor) throws(ModelError) -> ScriptedResponse {
        guard capabilities.contains(.backgroundResume), let generation = kept(cursor.responseID) else {
            throw ModelError(
                kind: .notFound, message: "the scripted model keeps no response \(cursor.responseID) to resume")
        }
        state.withLock { state in
            state.resumes.append(cursor)
            state.openStreams += 1
        }
        let number = KeptResponse.number(of: cursor.responseID) ?? 1
        let actions = GenerationCompiler(generation, requestNumber: number, tokenDelay: tokenDelay).actions
        return response(
            actions.rest(after: cursor.sequenceNumber)
                .withCursors(cursor.responseID, after: cursor.sequenceNumber))
    }

    private func response(_ actions: [ScriptedAction]) -> ScriptedResponse {
        ScriptedResponse(
            actions: actions, batchSize: batchSize, clock: clock,
            lease: StreamLease { self.state.withLock { $0.openStreams -= 1 } })
    }

    private static func outOfScript(_ number: Int, of count: Int) -> ModelError {
        ModelError(
            kind: .invalidRequest,
            message: "the scripted model has \(count) generations and was asked for number \(number): add one, "
                + "or look why the agent asks so often")
    }
}

/// Sends the request when the first event is asked for, as a provider does.
private struct ScriptedSource: ModelEventSource {
    let model: ScriptedModel
    var request: ModelRequest?
    var cursor: ResponseCursor?
    private var response: ScriptedResponse?

    init(model: ScriptedModel, request: ModelRequest) {
        self.model = model
        self.request = request
    }

    init(model: ScriptedModel, cursor: ResponseCursor) {
        self.model = model
        self.cursor = cursor
    }

    mutating func nextBatch() async throws(ModelError) -> [ModelEvent]? {
        if response == nil {
            if let request { response = model.begin(request) }
            if let cursor { response = try model.resume(cursor) }
        }
        return try await response?.nextBatch()
    }
}
