public import StreamCore

/// A model's whole response, for callers that do not stream.
public struct ModelResponse: Sendable, Hashable {
    /// What the provider said of the response at its start.
    public var metadata: ResponseMetadata
    /// The assistant's turn; without parts when the model said nothing.
    public var message: Message
    /// The response's tokens; zero when the provider did not say.
    public var usage: Usage
    /// How the response ended.
    public var finish: FinishReason

    /// A response from its parts.
    public init(metadata: ResponseMetadata = ResponseMetadata(), message: Message, usage: Usage, finish: FinishReason) {
        self.metadata = metadata
        self.message = message
        self.usage = usage
        self.finish = finish
    }

    /// The answer's text, reasoning left out.
    public var text: String { message.text }
}

extension ModelStream {
    /// Sends the request and waits for the whole response, which takes at most `byteLimit` bytes of text.
    ///
    /// - Throws: the stream's ``ModelError``; one of kind `truncated` when the stream ended without `finish`, and one of kind
    ///   `limitExceeded` when the response is longer than `byteLimit`.
    public func collect(byteLimit: Int = 16 << 20) async throws(ModelError) -> ModelResponse {
        var assembler = MessageAssembler()
        var iterator = makeAsyncIterator()
        while let events = try await iterator.nextBatch() {
            assembler.append(events)
            guard assembler.byteCount <= byteLimit else {
                throw ModelError(
                    kind: .limitExceeded,
                    message: "the response is longer than \(byteLimit) bytes; raise byteLimit or ask for fewer tokens")
            }
        }
        guard let finish = assembler.finish else { throw ModelError.endedWithoutFinish }
        return ModelResponse(
            metadata: assembler.metadata, message: assembler.message ?? Message(role: .assistant, parts: []),
            usage: assembler.usage ?? .zero, finish: finish)
    }
}

extension ModelError {
    /// A stream ended without `.finish`: an error, however plausible the text so far.
    static let endedWithoutFinish = ModelError(
        kind: .truncated, message: "the model's stream ended without saying how the response ended; ask again")
}
