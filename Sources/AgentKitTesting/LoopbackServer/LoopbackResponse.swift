public import WireProtocols

/// What the loopback server sends in answer to one request: a script, byte for byte, so that it can also lie.
public struct LoopbackResponse: Sendable {
    /// One act of a script.
    public struct Step: Sendable {
        enum Kind: Sendable {
            case bytes([UInt8])
            case pattern(Int, chunkSize: Int?)
            case endlessly([UInt8])
            case wait(Gate)
            case stall
            case reset
            case close
            case cut
        }

        let kind: Kind

        /// Sends the bytes as they are.
        public static func bytes(_ bytes: [UInt8]) -> Step { Step(kind: .bytes(bytes)) }
        /// Sends the UTF-8 of the text as it is.
        public static func text(_ text: String) -> Step { .bytes(Array(text.utf8)) }
        /// Sends a status line and header fields; nothing is added to them.
        public static func head(_ status: Int, _ headers: HeaderFields = [:]) -> Step {
            .text(
                "HTTP/1.1 \(status) Status\r\n"
                    + headers.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n")
        }
        /// Sends the bytes as one chunk of the chunked coding (RFC 9112 §7.1); no bytes would be the last chunk and send nothing.
        public static func chunk(_ bytes: [UInt8]) -> Step {
            guard !bytes.isEmpty else { return .bytes([]) }
            return .bytes(Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [13, 10])
        }
        /// Sends the UTF-8 of the text as one chunk.
        public static func chunk(_ text: String) -> Step { .chunk(Array(text.utf8)) }
        /// Sends the last chunk.
        public static let lastChunk = Step.text("0\r\n\r\n")
        /// Sends `count` bytes of ``LoopbackPattern`` as fast as the client takes them, in chunks of `chunkSize` or without chunks.
        public static func pattern(_ count: Int, chunkSize: Int? = nil) -> Step {
            Step(kind: .pattern(max(0, count), chunkSize: chunkSize.map { max(1, $0) }))
        }
        /// Sends the bytes again and again until the client closes.
        public static func endlessly(_ bytes: [UInt8]) -> Step { Step(kind: .endlessly(bytes)) }
        /// Waits until the test opens the gate or the client closes.
        public static func wait(_ gate: Gate) -> Step { Step(kind: .wait(gate)) }
        /// Sends nothing more until the client closes.
        public static let stall = Step(kind: .stall)
        /// Resets the connection (RST).
        public static let reset = Step(kind: .reset)
        /// Closes the connection (FIN); without it the connection stays for the next request.
        ///
        /// Over TLS a goodbye (close_notify) goes before it.
        public static let close = Step(kind: .close)
        /// Closes the connection as ``close`` does, over TLS without the goodbye: so ends what somebody cuts.
        public static let cut = Step(kind: .cut)
    }

    /// The acts, in order.
    public var steps: [Step]

    /// A response from its script.
    public init(_ steps: [Step]) {
        self.steps = steps
    }

    /// A response with a `content-length`.
    public init(status: Int = 200, headers: HeaderFields = [:], body: [UInt8] = []) {
        var fields = headers
        fields.append(.contentLength(body.count))
        self.init([.head(status, fields), .bytes(body)])
    }

    /// A response with a `content-length` and the UTF-8 of `text`.
    public static func text(_ text: String, status: Int = 200) -> LoopbackResponse {
        LoopbackResponse(status: status, headers: ["content-type": "text/plain"], body: Array(text.utf8))
    }

    /// A response in the chunked coding, a chunk for each piece.
    public static func chunked(
        _ pieces: [[UInt8]], status: Int = 200, headers: HeaderFields = [:]
    ) -> LoopbackResponse {
        var fields = headers
        fields.append(.chunkedCoding)
        return LoopbackResponse([.head(status, fields)] + pieces.map { .chunk($0) } + [.lastChunk])
    }

    /// A `text/event-stream` in the chunked coding, a chunk for each piece.
    public static func events(_ pieces: [String]) -> LoopbackResponse {
        .chunked(pieces.map { Array($0.utf8) }, headers: ["content-type": "text/event-stream"])
    }

    /// A redirect without a body.
    public static func redirect(to location: String, status: Int = 302) -> LoopbackResponse {
        LoopbackResponse([.text("HTTP/1.1 \(status) Status\r\nlocation: \(location)\r\ncontent-length: 0\r\n\r\n")])
    }

    /// The request itself as text: request line, header fields, an empty line, body.
    public static func echo(_ request: LoopbackRequest) -> LoopbackResponse {
        let fields = request.headers.map { "\($0.name): \($0.value)\n" }.joined()
        return LoopbackResponse(
            headers: ["content-type": "text/plain"],
            body: Array("\(request.method) \(request.target)\n\(fields)\n".utf8) + request.body)
    }
}

extension HeaderField {
    static func contentLength(_ count: Int) -> HeaderField { valid("content-length", String(count)) }
    static let chunkedCoding = valid("transfer-encoding", "chunked")

    private static func valid(_ name: String, _ value: String) -> HeaderField {
        do throws(HeaderFieldError) {
            return try HeaderField(name, value)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
