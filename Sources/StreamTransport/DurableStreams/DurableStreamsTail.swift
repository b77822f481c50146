import ServerSentEvents
import StreamCore
import WireProtocols

extension DurableStreamsClient {
    /// How a tail waits for what comes.
    public enum TailMode: Sendable, Hashable {
        /// One request after the other, each answered when there is something (§5.7).
        case longPoll
        /// Event streams, one after the other (§5.8).
        case serverSentEvents
    }

    /// The stream from an offset on: what is there, then what comes, until it is closed.
    ///
    /// A request that fails is sent again, from where the tail is, as the client's ``/StreamCore/RetryPolicy`` has it: nothing is lost and nothing comes twice.
    ///
    /// - Parameters:
    ///   - offset: What an earlier read or append returned; nil for the beginning, `"now"` for what is to come.
    ///   - mode: How it waits.
    public func tail(after offset: String? = nil, by mode: TailMode = .serverSentEvents) -> DurableStreamsTail {
        DurableStreamsTail(client: self, offset: offset ?? "-1", mode: mode)
    }
}

/// A stream of a Durable Streams server as an async sequence that catches up, then waits, and ends when the stream is closed.
public struct DurableStreamsTail: AsyncSequence, Sendable {
    /// What came at a time; never empty, but perhaps for the last one, which says that the stream is closed.
    public typealias Element = DurableStreamsBatch
    /// Why it ended early.
    public typealias Failure = DurableStreamsClientError

    let client: DurableStreamsClient
    let offset: String
    let mode: DurableStreamsClient.TailMode

    /// An iteration from the tail's offset.
    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, offset: offset, mode: mode)
    }

    /// Walks along a stream.
    public struct Iterator: AsyncIteratorProtocol {
        private let client: DurableStreamsClient
        private let mode: DurableStreamsClient.TailMode
        private var random: any RandomNumberGenerator & Sendable
        private var connection: DurableStreamsConnection?
        private var cursor: String?
        private var attempt = 1
        private var isOver = false

        /// Where to go on from: behind everything that was returned.
        public private(set) var offset: String

        init(client: DurableStreamsClient, offset: String, mode: DurableStreamsClient.TailMode) {
            self.client = client
            self.offset = offset
            self.mode = mode
            random = client.random
        }

        /// The next batch, or nil behind the end of a closed stream.
        ///
        /// - Throws: ``DurableStreamsClientError`` for what trying again does not help; after it there is nil.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(DurableStreamsClientError) -> DurableStreamsBatch? {
            while !isOver {
                do throws(DurableStreamsClientError) {
                    let batch = try await step(isolation: actor)
                    attempt = 1
                    guard let batch else { continue }
                    offset = batch.nextOffset
                    isOver = batch.isClosed
                    if !batch.bytes.isEmpty || batch.isClosed { return batch }
                } catch {
                    connection = nil
                    try await wait(after: error, isolation: actor)
                }
            }
            return nil
        }

        // One request, or one piece of an event stream; nil when there was nothing.
        private mutating func step(
            isolation actor: isolated (any Actor)?
        ) async throws(DurableStreamsClientError) -> DurableStreamsBatch? {
            switch mode {
            case .longPoll:
                let (head, body) = try await client.exchange("GET", [], query: query(live: "long-poll"))
                cursor = head.headers[DurableStreamsField.cursor] ?? cursor
                return try DurableStreamsBatch(head, body)
            case .serverSentEvents:
                if connection == nil {
                    let request = try client.request(
                        "GET", [("accept", "text/event-stream")], [], query: query(live: "sse"))
                    let (head, body) = try await client.send(request)
                    connection = try DurableStreamsConnection(head, body)
                }
                let batch = try await connection?.next(isolation: actor)
                cursor = connection?.cursor ?? cursor
                // Event streams end now and then, and the next one goes on.
                if batch == nil { connection = nil }
                return batch
            }
        }

        private func query(live: String) -> String {
            (cursor.map { "cursor=\(PercentEncoding.encode($0))&" } ?? "")
                + "live=\(live)&offset=\(PercentEncoding.encode(offset))"
        }

        private mutating func wait(
            after error: DurableStreamsClientError, isolation actor: isolated (any Actor)?
        ) async throws(DurableStreamsClientError) {
            let decision = client.retry.decide(
                error.kind, retryAfter: error.response?.headers.retryAfter(), attempt: attempt, using: &random)
            guard case .retry(let delay) = decision else {
                isOver = true
                throw error
            }
            attempt += 1
            do { try await client.clock.sleep(for: delay) } catch {
                isOver = true
                throw DurableStreamsClientError(.cancelled, "the task was cancelled; read on after \(offset)")
            }
        }
    }
}
