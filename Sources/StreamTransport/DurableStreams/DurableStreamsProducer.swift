import StreamCore
import Synchronization
import WireProtocols

/// Appends to a stream of a Durable Streams server, each time once: an append whose answer was lost is sent again, and taken as the same (§5.2.1).
///
///     let producer = DurableStreamsProducer(stream, id: "worker-3", epoch: epoch, contentType: "application/json")
///     try await producer.append(Array(#"{"step":1}"#.utf8))
///
/// Appends are made one after the other, in the order in which they were called. A larger epoch fences those below it: choose one more than the last life of this
/// producer had, which the error `staleEpoch` tells.
public final class DurableStreamsProducer: Sendable {
    private struct State {
        var sequence: UInt64 = 0
        var isBusy = false
        var failure: DurableStreamsClientError?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let client: DurableStreamsClient
    private let id: String
    private let epoch: UInt64
    private let contentType: String
    private let state = Mutex(State())

    /// A producer that begins with number 0 of its epoch.
    ///
    /// - Parameters:
    ///   - client: The stream's client, whose retry policy counts.
    ///   - id: The producer's name; not empty, at most 256 bytes on this package's server.
    ///   - epoch: Its life, up to 2⁵³ − 1.
    ///   - contentType: What the stream holds.
    public init(_ client: DurableStreamsClient, id: String, epoch: UInt64, contentType: String) {
        self.client = client
        self.id = id
        self.epoch = epoch
        self.contentType = contentType
    }

    /// Appends, and sends it again as long as it may be that it was not taken.
    ///
    /// After an error that leaves that open, or a fence, the producer is over: every later call throws the same. A task that is cancelled meanwhile leaves it
    /// open as well.
    ///
    /// - Parameters:
    ///   - body: What is appended; of a JSON stream, one message or an array of them.
    ///   - closes: Whether nothing follows.
    /// - Throws: ``DurableStreamsClientError``: `staleEpoch` when another took over, `closed`, `producerGap`.
    @discardableResult
    public func append(
        _ body: [UInt8], closes: Bool = false
    ) async throws(DurableStreamsClientError) -> DurableStreamsState {
        await enter()
        defer { leave() }
        let (sequence, failure) = state.withLock { ($0.sequence, $0.failure) }
        if let failure { throw failure }
        do throws(DurableStreamsClientError) {
            let result = try await send(body, sequence, closes)
            state.withLock { $0.sequence += 1 }
            return result
        } catch {
            // What the server refused for the body's sake was not taken: the number is free for another.
            let isOpen = ![.refused, .conflict, .notFound, .gone].contains(error.code)
            if isOpen { state.withLock { $0.failure = error } }
            throw error
        }
    }

    private func send(
        _ body: [UInt8], _ sequence: UInt64, _ closes: Bool
    ) async throws(DurableStreamsClientError) -> DurableStreamsState {
        let asked = DurableStreamsAppend(
            contentType: contentType,
            producer: DurableStreamsAppend.Producer(id: id, epoch: epoch, sequence: sequence), closes: closes)
        var random = client.random
        var attempt = 1
        while true {
            do throws(DurableStreamsClientError) { return try await client.append(body, asked) } catch {
                let decision = client.retry.decide(
                    error.kind, retryAfter: error.response?.headers.retryAfter(), attempt: attempt, using: &random)
                guard case .retry(let delay) = decision else { throw error }
                attempt += 1
                let failure = error
                // Cancelled: what was sent may have been taken.
                do { try await client.clock.sleep(for: delay) } catch { throw failure }
            }
        }
    }

    // One append at a time: the next one begins when this one has ended, in the order in which they came.
    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy { state.waiters.append(continuation) }
                defer { state.isBusy = true }
                return !state.isBusy
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiters.isEmpty else {
                state.isBusy = false
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.resume()
    }
}
