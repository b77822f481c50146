internal import StreamCore

/// The state machine of a dialect: parsed events in, model events out, no I/O.
///
/// Events appended before an error are delivered before it. After ``isFinished`` or an error nothing more is given to it.
protocol WireDecoder: Sendable {
    /// Takes the next event of a stream.
    ///
    /// - Parameters:
    ///   - root: The event's data.
    ///   - name: The event's name on the wire, `message` when it has none.
    mutating func decode(
        _ root: JSONNode, named name: UnsafeRawBufferPointer, into events: inout [ModelEvent]
    ) throws(ModelError)

    /// Where the text is that was all that the last event brought, when an event with another text would do the same with it.
    var repeatable: RepeatableText? { get }

    /// Takes an event that differs from the last one by its text alone.
    mutating func `repeat`(text: String, into events: inout [ModelEvent])

    /// Takes the `[DONE]` with which some dialects end their streams.
    mutating func decodeDone(into events: inout [ModelEvent]) throws(ModelError)

    /// Takes an answer that came whole instead of as a stream.
    mutating func decodeWhole(_ root: JSONNode, into events: inout [ModelEvent]) throws(ModelError)

    /// Whether the stream's last event has come.
    var isFinished: Bool { get }

    /// Why the stream is not complete, now that it has ended without its last event.
    func truncation() -> ModelError
}

/// How much a server may make a decoder keep.
package struct DecodingLimits: Sendable, Hashable {
    /// The longest line and event of the stream, in bytes.
    package var maxEventBytes = 16 << 20
    /// The deepest nesting of an event's JSON.
    package var maxDepth = 128
    /// The most blocks that are open at once.
    package var maxOpenBlocks = 256
    /// The most bytes that are kept of one response: inputs of tool calls, signed reasoning, a refusal's text.
    package var maxRetainedBytes = 32 << 20

    /// The limits that suit the large providers many times over.
    package init() {}

    func checkOpenBlocks(_ count: Int) throws(ModelError) {
        guard count < maxOpenBlocks else {
            throw ModelError(
                kind: .malformedResponse, message: "more than \(maxOpenBlocks) blocks of the response are open at once")
        }
    }
}

/// What a decoder may still keep of a response.
struct RetentionBudget: Sendable {
    private var left: Int
    private let limit: Int

    init(_ limits: DecodingLimits) {
        limit = limits.maxRetainedBytes
        left = limit
    }

    mutating func take(_ text: String) throws(ModelError) {
        left -= text.utf8.count
        guard left >= 0 else {
            throw ModelError(
                kind: .malformedResponse,
                message: "the tool inputs and the reasoning of one response are longer than \(limit) bytes")
        }
    }
}

extension ModelError {
    /// The stream ended too early.
    static func truncated(before last: String, hasStarted: Bool, isContentComplete: Bool) -> ModelError {
        if isContentComplete {
            return ModelError(
                kind: .truncated,
                message: "the stream ended after the whole answer, but before \(last), its last event",
                isRetryable: false, retryReason: "the answer was complete: only the last event is missing")
        }
        return ModelError(
            kind: .truncated,
            message: hasStarted
                ? "the stream ended before \(last): the answer is cut off"
                : "the stream ended before its first event: there is no answer")
    }

    /// The model or a filter declined.
    static func refusal(_ text: String?, code: String?, by decliner: String) -> ModelError {
        let text = text.flatMap { $0.isEmpty ? nil : String($0.prefix(ProviderFailure.maxMessageLength)) }
        return ModelError(
            kind: .refused, message: text ?? "\(decliner) declined to answer and gave no reason",
            retryReason: "the same request would be declined again", providerCode: code)
    }

    /// The model did not write a tool's input as JSON, although it was not cut off.
    static func unreadableToolInput(_ name: String) -> ModelError {
        ModelError(
            kind: .invalidOutput,
            message: "the model ended its turn, but its input for the tool '\(name.prefix(100))' is not whole JSON",
            retryReason: "the call was not made; ask the model again")
    }
}
