import StreamTransport
import Synchronization

/// The faults as functions from a body to a body.
extension ResponseBody {
    func cut(after limit: Int, code: TransportError.Code?) -> ResponseBody {
        transformed(limit) { rest, chunks throws(TransportError) in
            if rest > 0, let chunk = try await chunks.next() {
                let piece = Array(chunk.prefix(rest))
                rest -= piece.count
                return piece
            }
            guard rest == 0, let code else { return nil }
            rest = -1
            throw TransportError(code, "the test cuts the body after \(limit) bytes")
        }
    }

    func stalled(after limit: Int, clock: (any Clock<Duration>)?, idle: Duration?) -> ResponseBody {
        transformed(limit) { rest, chunks throws(TransportError) in
            if rest > 0 {
                guard let chunk = try await chunks.next() else { return nil }
                let piece = Array(chunk.prefix(rest))
                rest -= piece.count
                return piece
            }
            do {
                if let clock, let idle { try await clock.sleep(for: idle) } else { try await Gate().wait() }
            } catch {
                throw TransportError(.cancelled, "the exchange was cancelled", underlying: error)
            }
            throw TransportError(.idleTimeout, "the test stalls the body after \(limit) bytes")
        }
    }

    func corrupted(at position: Int, mask: UInt8) -> ResponseBody {
        transformed(position) { distance, chunks throws(TransportError) in
            guard var chunk = try await chunks.next() else { return nil }
            if chunk.indices.contains(distance) { chunk[distance] ^= mask }
            // Stays negative once it is: a body can not be so long that this overflows.
            distance -= chunk.count
            return chunk
        }
    }

    func rechunked(_ size: Int, fills: Bool, delay: Duration?, clock: (any Clock<Duration>)?) -> ResponseBody {
        transformed([] as [UInt8]) { buffer, chunks throws(TransportError) in
            while buffer.isEmpty || (fills && buffer.count < size) {
                guard let chunk = try await chunks.next() else { break }
                buffer += chunk
            }
            guard !buffer.isEmpty else { return nil }
            if let delay, let clock {
                do {
                    try await clock.sleep(for: delay)
                } catch {
                    throw TransportError(.cancelled, "the exchange was cancelled", underlying: error)
                }
            }
            let piece = Array(buffer.prefix(size))
            buffer.removeFirst(piece.count)
            return piece
        }
    }

    /// A body whose chunks are made from those of this one by a function with a memory.
    private func transformed<Memory: Sendable>(
        _ memory: Memory,
        _ next: @escaping @Sendable (inout Memory, inout Iterator) async throws(TransportError) -> [UInt8]?
    ) -> ResponseBody {
        let stage = Stage(memory: memory, chunks: makeAsyncIterator())
        return ResponseBody(
            next: { () throws(TransportError) in
                // One consumer: nobody else is between the taking and the putting back.
                guard var (memory, chunks) = stage.content.withLock({ $0 }) else { return nil }
                let piece = try await next(&memory, &chunks)
                stage.content.withLock { $0 = (memory, chunks) }
                return piece
            },
            onClose: { stage.content.withLock { $0 = nil } })
    }
}

private final class Stage<Memory: Sendable>: Sendable {
    let content: Mutex<(Memory, ResponseBody.Iterator)?>

    init(memory: Memory, chunks: ResponseBody.Iterator) {
        content = Mutex((memory, chunks))
    }
}
