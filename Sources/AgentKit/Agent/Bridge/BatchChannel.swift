import Synchronization

/// The reader of a stream has gone: what is written for it need not be made any more.
struct ReaderGone: Error {}

/// Carries batches from tasks that push to one that pulls, with backpressure: see ``BatchBuffer`` for the bound.
final class BatchChannel<Element: Sendable>: Sendable {
    private let buffer: Mutex<BatchBuffer<Element, CheckedContinuation<Void, Never>>>

    init(capacity: Int) {
        buffer = Mutex(BatchBuffer(capacity: capacity))
    }

    /// Hands over a batch, and waits while too much waits already.
    ///
    /// A cancelled task waits too, so that an interrupted run loses nothing; the reader's going ends the wait.
    ///
    /// - Throws: ``ReaderGone`` when nobody reads any more.
    func send(_ batch: [Element]) async throws(ReaderGone) {
        while true {
            switch buffer.withLock({ $0.offer(batch) }) {
            case .taken(let consumer):
                consumer?.resume()
                return
            case .closed: throw ReaderGone()
            case .full: await waitForRoom()
            }
        }
    }

    /// All elements that are there, at least one; nil after the last, or when the task is cancelled, which closes the channel.
    ///
    /// `storage` is an array whose memory may be used again.
    func next(reusing storage: inout [Element]) async -> [Element]? {
        while true {
            switch buffer.withLock({ $0.poll(reusing: &storage) }) {
            case .elements(let elements, let producers):
                for producer in producers { producer.resume() }
                return elements
            case .ended: return nil
            case .empty: await waitForElements()
            }
        }
    }

    /// Says that nothing more is sent.
    func finish() {
        buffer.withLock { $0.finish() }?.resume()
    }

    /// Says that nothing more is read.
    func close() {
        for waiter in buffer.withLock({ $0.close() }) { waiter.resume() }
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let canGoOn = buffer.withLock { buffer in
                // Room may have come since the offer.
                guard buffer.isFull else { return true }
                buffer.wait(producer: continuation)
                return false
            }
            if canGoOn { continuation.resume() }
        }
    }

    private func waitForElements() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let canGoOn = buffer.withLock { buffer in
                    guard buffer.isIdle else { return true }
                    buffer.wait(consumer: continuation)
                    return false
                }
                if canGoOn { continuation.resume() }
            }
        } onCancel: {
            close()
        }
    }
}
