public import StreamCore

/// What a run writes into its stream besides its chunks and its progress.
///
/// All but the finished blocks are internal records: recovery reads them, no reader outside does.
enum RunEntry: Sendable, Hashable {
    /// The run began.
    case start(RunStart)
    /// Somebody else works on the run from then on; the time before, in which perhaps nobody did, is none of the run's.
    case resume(Timestamp?)
    /// The model is about to be asked.
    case attempt(Attempt)
    /// Where the provider would go on after all chunks so far.
    case cursor(Position)
    /// The tokens of the attempt as known now.
    case usage(Usage)
    /// What a block of the model's stands for in the conversation, where its text does not say it all; without a number where readers
    /// see nothing of it.
    case parts(block: Int?, [Message.Part])
    /// A block is whole: what it holds, from which a late reader may start.
    case block(FinishedBlock)
    /// A response ended well.
    case turn(Turn)
    /// A tool is about to run.
    case toolStarted(step: Int, index: Int, call: ToolCall, key: String)
    /// A tool answered.
    case toolFinished(step: Int, index: Int, ToolResult)
    /// The run is not to go on, ever.
    case cancel(reason: String)
    /// Nobody works on the run at the moment; it can be recovered.
    case pause(reason: String)
    /// The run is over.
    case end(RunFold.Outcome)

    /// An attempt at a response.
    struct Attempt: Sendable, Hashable {
        /// Counted over the run, from 1.
        var number: Int
        /// The response, counted from 0.
        var step: Int
        /// How it goes on from what there is: `start` where there is nothing, else a rung of the recovery ladder.
        var strategy: String
        var provider: String
        var model: String
        var timestamp: Timestamp?

        /// The strategy of a response's first attempt.
        static let start = "start"
    }

    /// A provider's cursor, and the content that came before it and was not handed out yet.
    struct Position: Sendable, Hashable {
        var cursor: ResponseCursor
        var provider: String
        var model: String
        var held = ""
    }

    /// A finished block of text or reasoning.
    struct FinishedBlock: Sendable, Hashable {
        var number: Int
        var isReasoning: Bool
        var text: String
        var citations: [Citation] = []
    }

    /// A whole response.
    struct Turn: Sendable, Hashable {
        var step: Int
        /// The assistant's turn; nil when the model said nothing.
        var message: Message?
        var finish: FinishReason
        var usage: Usage
        /// What the response counts against the run's limit of output.
        var byteCount: Int
    }

    /// The name of the record.
    var type: StreamEvent.EventType {
        switch self {
        case .start: .runStart
        case .resume: .runResume
        case .attempt: .runAttempt
        case .cursor: .runCursor
        case .usage: .runUsage
        case .parts: .runParts
        case .block: .block
        case .turn: .runTurn
        case .toolStarted, .toolFinished: .runTool
        case .cancel: .runCancel
        case .pause: .runPause
        case .end: .runEnd
        }
    }
}

extension StreamEvent.EventType {
    /// A block of text or reasoning is whole: what it holds, from which a late reader may start.
    public static let block = StreamEvent.EventType(rawValue: "agent:block")

    /// The first record of a run, internal: its whole request, its agent and its place.
    public static let runStart = StreamEvent.EventType(rawValue: "run:start")
    /// The last record of a run, internal: how it ended.
    public static let runEnd = StreamEvent.EventType(rawValue: "run:end")
    static let runResume = StreamEvent.EventType(rawValue: "run:resume")
    static let runAttempt = StreamEvent.EventType(rawValue: "run:attempt")
    static let runCursor = StreamEvent.EventType(rawValue: "run:cursor")
    static let runUsage = StreamEvent.EventType(rawValue: "run:usage")
    static let runParts = StreamEvent.EventType(rawValue: "run:parts")
    static let runTurn = StreamEvent.EventType(rawValue: "run:turn")
    static let runTool = StreamEvent.EventType(rawValue: "run:tool")
    static let runCancel = StreamEvent.EventType(rawValue: "run:cancel")
    static let runPause = StreamEvent.EventType(rawValue: "run:pause")
}
