#if AsyncHTTPClient
    import NIOCore

    /// The bytes of a body that wait for their reader, and whether the server is to be held back: a value.
    ///
    /// Small pieces are joined, so that many of them cost one step of the reader, and as little memory as they have bytes. Each byte is copied
    /// once, from the buffer that it was received into.
    struct ReadAhead: Sendable {
        /// Pieces are joined up to this size.
        static let joined = 16 << 10

        private let limit: Int
        private var chunks: [[UInt8]] = []
        private var first = 0
        /// How many bytes wait.
        private(set) var count = 0

        init(limit: Int) {
            self.limit = limit
        }

        var isEmpty: Bool { count == 0 }

        /// Whether as much waits as may: the server is to be held back.
        var isFull: Bool { count >= limit }

        /// Whether so little waits that a server that was held back may go on.
        var hasRoom: Bool { count <= limit / 4 }

        mutating func append(_ buffer: ByteBuffer) {
            let size = buffer.readableBytes
            guard size > 0 else { return }
            count += size
            if chunks.count > first, chunks[chunks.count - 1].count + size <= ReadAhead.joined {
                chunks[chunks.count - 1].append(contentsOf: buffer.readableBytesView)
            } else {
                chunks.append(Array(buffer: buffer))
            }
        }

        mutating func popFirst() -> [UInt8]? {
            guard first < chunks.count else { return nil }
            let chunk = chunks[first]
            chunks[first] = []
            first += 1
            if first == chunks.count {
                chunks.removeAll(keepingCapacity: true)
                first = 0
            } else if first > 64 {
                chunks.removeFirst(first)
                first = 0
            }
            count -= chunk.count
            return chunk
        }

        mutating func removeAll() {
            chunks = []
            first = 0
            count = 0
        }
    }
#endif
