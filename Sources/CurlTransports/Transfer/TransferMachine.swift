#if Curl
    import StreamTransport
    import WireProtocols

    /// One transfer between libcurl, which brings bytes, and the reader, who takes them: a value without I/O.
    ///
    /// It holds at most `limit` bytes and one piece of libcurl's (16 KiB) for the reader. What libcurl brings beyond it is refused,
    /// which pauses the transfer; when the reader has taken what was there, the transfer is to go on.
    struct TransferMachine {
        /// What becomes of bytes that libcurl brings.
        enum Verdict: Equatable {
            case taken
            /// So much is there that its reader should not wait for more.
            case takenLast
            /// Refused for now: libcurl keeps them and brings them again.
            case paused
            /// Nobody wants them.
            case unwanted
        }

        /// What the reader gets.
        enum Reading {
            case chunk([UInt8])
            case end
            case failure(TransportError)
            /// There is nothing yet.
            case nothing
        }

        /// So much is handed over at once: large enough that waking the reader costs little beside it, small enough for the caches.
        private static let enough = 64 << 10

        private let limit: Int
        private(set) var head: ExchangeResponseHead?
        private(set) var expected: Int?
        private(set) var received = 0
        private var buffer: [UInt8] = []
        /// How much the reader took the last time: as much is likely to come again.
        private var usual = 0
        private(set) var isPaused = false
        /// How the transfer ended; what came before is still to be read.
        private(set) var end: Result<Void, TransportError>?
        var deadlines: ExchangeDeadlines

        init(limit: Int, deadlines: ExchangeDeadlines) {
            self.limit = limit
            self.deadlines = deadlines
        }

        /// The final head has come; a head whose length makes no sense ends the transfer.
        ///
        /// - Returns: Whether the transfer goes on.
        mutating func headArrived(
            _ head: ExchangeResponseHead, method: String, at now: ExchangeDeadlines.Instant
        ) -> Bool {
            guard end == nil else { return false }
            do throws(TransportError) {
                expected = try head.bodyLength(method: method)
            } catch {
                end = .failure(error)
                return false
            }
            self.head = head
            deadlines.headArrived(at: now)
            return true
        }

        /// libcurl brings bytes of the body.
        mutating func take(_ bytes: UnsafeRawBufferPointer) -> Verdict {
            guard end == nil else { return .unwanted }
            guard buffer.count < limit else {
                isPaused = true
                return .paused
            }
            if buffer.isEmpty { buffer.reserveCapacity(min(max(usual, bytes.count), limit)) }
            buffer.append(contentsOf: bytes)
            received += bytes.count
            return buffer.count < min(limit, TransferMachine.enough) ? .taken : .takenLast
        }

        /// The reader asks, or is to be answered.
        ///
        /// - Parameter resumes: Becomes true when the transfer was paused and is to go on.
        mutating func read(resumes: inout Bool) -> Reading {
            if !buffer.isEmpty {
                let chunk = buffer
                buffer = []
                usual = chunk.count
                if isPaused, end == nil {
                    isPaused = false
                    resumes = true
                }
                return .chunk(chunk)
            }
            switch end {
            case nil: return .nothing
            case .success: return .end
            case .failure(let error): return .failure(error)
            }
        }

        /// The transfer has ended, one way or another; only the first end counts.
        ///
        /// - Returns: Whether this was the first.
        mutating func finish(_ result: Result<Void, TransportError>) -> Bool {
            guard end == nil else { return false }
            end = result
            if case .failure(let error) = result, [.cancelled, .totalTimeout, .shutDown].contains(error.code) {
                // Nobody is to read on.
                buffer = []
            }
            return true
        }
    }
#endif
