/// A position in a response that the provider keeps (OpenAI's background responses: `starting_after`).
public struct ResponseCursor: Sendable, Hashable {
    /// The provider's id of the response.
    public var responseID: String
    /// The number of the last event that was received.
    public var sequenceNumber: Int

    /// A position from its parts.
    public init(responseID: String, sequenceNumber: Int) {
        self.responseID = responseID
        self.sequenceNumber = sequenceNumber
    }
}
