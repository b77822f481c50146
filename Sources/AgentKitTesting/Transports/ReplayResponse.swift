public import StreamTransport
public import WireProtocols

/// What a ``ReplayTransport`` answers to one request: a head and a script of the body, or an error.
public struct ReplayResponse: Sendable {
    /// A piece of a body.
    public struct Step: Sendable {
        enum Kind: Sendable {
            case bytes([UInt8])
            case gate(Gate)
            case delay(Duration)
        }

        let kind: Kind

        /// Hands these bytes over as one chunk.
        public static func bytes(_ bytes: [UInt8]) -> Step { Step(kind: .bytes(bytes)) }
        /// Hands the UTF-8 of `text` over as one chunk.
        public static func text(_ text: String) -> Step { .bytes(Array(text.utf8)) }
        /// Waits until the test opens the gate.
        public static func wait(_ gate: Gate) -> Step { Step(kind: .gate(gate)) }
        /// Waits that long on the transport's clock.
        public static func delay(_ duration: Duration) -> Step { Step(kind: .delay(duration)) }
    }

    /// How a body ends.
    public struct Ending: Sendable {
        enum Kind: Sendable {
            case end
            case failure(TransportError)
            case silence
        }

        let kind: Kind

        /// The body is complete.
        public static let end = Ending(kind: .end)
        /// The body breaks off with this error.
        public static func failure(_ error: TransportError) -> Ending { Ending(kind: .failure(error)) }
        /// Nothing more comes until the reader cancels, or until its idle timeout on the transport's clock.
        public static let silence = Ending(kind: .silence)
    }

    enum Outcome: Sendable {
        case response(ExchangeResponseHead, [Step], Ending)
        case failure(TransportError)
        case silence
    }

    let outcome: Outcome

    /// A response from its head and the steps of its body.
    public init(head: ExchangeResponseHead, steps: [Step], ending: Ending = .end) {
        outcome = .response(head, steps, ending)
    }

    private init(outcome: Outcome) {
        self.outcome = outcome
    }

    /// A response with a body in chunks of `chunkSize` bytes, in one chunk by default.
    public init(
        status: Int = 200, headers: HeaderFields = [:], body: [UInt8] = [], chunkSize: Int = .max, ending: Ending = .end
    ) {
        self.init(
            head: ExchangeResponseHead(status: status, headers: headers),
            steps: ReplayResponse.chunks(of: body, size: chunkSize).map(Step.bytes), ending: ending)
    }

    /// A `text/event-stream` with the given text in chunks of `chunkSize` bytes, in one chunk by default.
    public static func events(_ text: String, chunkSize: Int = .max, ending: Ending = .end) -> ReplayResponse {
        .events(Array(text.utf8), chunkSize: chunkSize, ending: ending)
    }

    /// A `text/event-stream` with the given bytes in chunks of `chunkSize` bytes, in one chunk by default.
    public static func events(_ body: [UInt8], chunkSize: Int = .max, ending: Ending = .end) -> ReplayResponse {
        ReplayResponse(
            headers: ["content-type": "text/event-stream"], body: body, chunkSize: chunkSize, ending: ending)
    }

    /// A `text/event-stream` with a script.
    public static func events(_ steps: [Step], ending: Ending = .end) -> ReplayResponse {
        ReplayResponse(
            head: ExchangeResponseHead(status: 200, headers: ["content-type": "text/event-stream"]),
            steps: steps, ending: ending)
    }

    /// No response: sending fails with this error.
    public static func failure(_ error: TransportError) -> ReplayResponse { ReplayResponse(outcome: .failure(error)) }

    /// No response until the caller cancels, or until its first-byte timeout on the transport's clock.
    public static let silence = ReplayResponse(outcome: .silence)

    /// The bytes in pieces of `size`; a size below 1 counts as 1.
    static func chunks(of bytes: [UInt8], size: Int) -> [[UInt8]] {
        let size = max(1, size)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            pieces.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}
