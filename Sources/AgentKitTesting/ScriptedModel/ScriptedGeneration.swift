public import AgentKit
public import StreamCore

/// One response of a ``ScriptedModel``: what happens, in order.
///
///     ScriptedGeneration([.reasoning("Oslo, then."), .toolCall("weather", ["city": "Oslo"])])
///     ScriptedGeneration([.text("It "), .fail(ModelError(kind: .overloaded, message: "busy"))])
///
/// A string literal is a response of that text. Blocks are opened, numbered and finished as a provider would.
public struct ScriptedGeneration: Sendable, ExpressibleByStringInterpolation {
    /// Something that happens in a response; steps may be added.
    public enum Step: Sendable {
        /// Text, streamed token by token: a token is a word with the white space before it. With `logprob`, each token has
        /// that log probability.
        case text(String, logprob: Double? = nil)
        /// Reasoning, streamed token by token.
        case reasoning(String)
        /// A complete call of a tool, its input streamed in pieces; nil makes an id from the request's number.
        case toolCall(String, JSONValue, id: String? = nil)
        /// The beginning of a call that never becomes complete.
        case openToolCall(String, input: String)
        /// The tokens as known now.
        case usage(Usage)
        /// An event as it is, past all bookkeeping.
        case event(ModelEvent)
        /// Nothing for a while, on the model's clock.
        case wait(Duration)
        /// Nothing until the gate is open.
        case waitAt(Gate)
        /// Nothing until the stream is cancelled or dropped.
        case hang
        /// The response fails.
        case fail(ModelError)
        /// The stream ends without saying how the response ended.
        case cut
    }

    /// What happens, in order.
    public var steps: [Step]
    /// How the response ends; nil for `toolCalls` where the steps have a complete call, else `stop`.
    public var finish: FinishReason?
    /// The tokens told at the end; nil tells none.
    public var usage: Usage?
    /// How long each token takes, on the model's clock; nil for what the model says.
    public var tokenDelay: Duration?
    /// Where the connection breaks while the response goes on at the provider; nil where it does not.
    public var connectionBreak: ConnectionBreak?
    /// The response's name at a provider that keeps it; nil for one made from the request's number.
    public var responseID: String?

    /// A connection that breaks within a response.
    public struct ConnectionBreak: Sendable {
        /// How many events come before.
        public var afterEvents: Int
        /// What the stream then fails with; nil ends it without a word.
        public var error: ModelError?

        /// A break from its parts.
        public init(afterEvents: Int, error: ModelError? = nil) {
            self.afterEvents = max(0, afterEvents)
            self.error = error
        }
    }

    /// A response from its parts.
    public init(
        _ steps: [Step], finish: FinishReason? = nil, usage: Usage? = nil, tokenDelay: Duration? = nil
    ) {
        self.steps = steps
        self.finish = finish
        self.usage = usage
        self.tokenDelay = tokenDelay
    }

    /// A response of text.
    public init(stringLiteral text: String) {
        self.init([.text(text)])
    }

    /// The same response over a connection that breaks after so many events; those that a cursor follows are counted without it.
    public func breaking(afterEvents count: Int, with error: ModelError? = nil) -> ScriptedGeneration {
        var generation = self
        generation.connectionBreak = ConnectionBreak(afterEvents: count, error: error)
        return generation
    }

    /// A response of text.
    public static func text(_ text: String) -> ScriptedGeneration { ScriptedGeneration([.text(text)]) }

    /// A response that fails before its first event.
    public static func failure(_ error: ModelError) -> ScriptedGeneration { ScriptedGeneration([.fail(error)]) }

    /// A response that never begins.
    public static let hang = ScriptedGeneration([.hang])
}
