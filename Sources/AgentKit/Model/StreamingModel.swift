public import StreamCore

/// A model that answers as a stream of events.
///
/// For those who implement one:
/// - ``stream(_:)`` returns at once; the request is sent when the first event is asked for, and each iteration sends it anew.
/// - Turn everything that the provider sends into ``ModelEvent``s as soon as it is there, several at a time when several
///   are there, and wait for the consumer before reading on: the stream is pulled.
/// - End with `.finish`, then nil; a stream that ends before its protocol's last event throws a ``ModelError`` of kind
///   `truncated`. An error in the body of a success is thrown, classified by what it says.
/// - When the consumer's task is cancelled or its iterator is dropped, close the connection.
/// - Do not retry: the agent does, by its policy.
public protocol StreamingModel: Sendable {
    /// The model's name as its provider knows it.
    var name: String { get }

    /// The provider's name, for metrics, budgets and prices: `anthropic`, `openai`, `scripted`.
    var provider: String { get }

    /// What the model and its endpoint can do.
    var capabilities: ModelCapabilities { get }

    /// The model's answer to a request.
    func stream(_ request: ModelRequest) -> ModelStream

    /// What the provider still has of a response after a cursor; throws a ``ModelError`` of kind `invalidRequest` when
    /// iterated where ``capabilities`` lack ``/StreamCore/ModelCapabilities/backgroundResume``.
    func resume(after cursor: ResponseCursor) -> ModelStream
}

extension StreamingModel {
    /// A stream that fails: this model keeps no responses.
    public func resume(after cursor: ResponseCursor) -> ModelStream {
        let name = name
        return ModelStream {
            FailedSource(
                error: ModelError(
                    kind: .invalidRequest,
                    message: "the model \(name) keeps no response to resume; send the request anew"))
        }
    }
}

private struct FailedSource: ModelEventSource {
    let error: ModelError

    mutating func nextBatch() async throws(ModelError) -> [ModelEvent]? {
        throw error
    }
}
