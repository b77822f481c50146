import Synchronization

/// The body of a response: chunks of bytes, pulled by one consumer.
///
/// The server is held back while nobody pulls. The connection is closed when the task that pulls is cancelled, and when the
/// last copy of the body and of its iterator is gone; a body that was read to its end leaves the connection to be used again.
/// After its end or an error, `next` returns nil.
public struct ResponseBody: AsyncSequence, Sendable {
    /// A chunk, as it came; never empty.
    public typealias Element = [UInt8]
    /// Why a body ended early.
    public typealias Failure = TransportError

    /// The source of a body, with what to do when nobody wants more of it.
    fileprivate final class Source: Sendable {
        let next: @Sendable () async throws(TransportError) -> [UInt8]?
        private let end: @Sendable () -> Void
        private let state = Mutex(State())

        private struct State {
            var isTaken = false
            var isClosed = false
        }

        init(
            next: @escaping @Sendable () async throws(TransportError) -> [UInt8]?,
            close: @escaping @Sendable () -> Void
        ) {
            self.next = next
            end = close
        }

        /// Whether the caller is the first to ask.
        func take() -> Bool {
            state.withLock { state in
                defer { state.isTaken = true }
                return !state.isTaken
            }
        }

        func close() {
            let isFirst = state.withLock { state in
                defer { state.isClosed = true }
                return !state.isClosed
            }
            if isFirst { end() }
        }

        deinit { close() }
    }

    private let source: Source

    /// A body from a transport.
    ///
    /// - Parameters:
    ///   - next: Returns the next chunk, not empty, or nil at the end. It is not called again after nil or an error, and never
    ///     by two tasks at a time. When the task is cancelled it closes the connection and throws ``TransportError/Code/cancelled``.
    ///   - close: Closes the connection, if it is still open. It is called once, also after the end: at the
    ///     latest when nobody holds the body any more.
    public init(
        next: @escaping @Sendable () async throws(TransportError) -> [UInt8]?,
        onClose close: @escaping @Sendable () -> Void
    ) {
        source = Source(next: next, close: close)
    }

    /// Pulls the chunks of a body.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private var source: Source?
        private let isFirst: Bool

        fileprivate init(source: Source, isFirst: Bool) {
            self.source = source
            self.isFirst = isFirst
        }

        /// The next chunk, or nil at the end.
        ///
        /// - Throws: ``TransportError`` when the body ends early, and when the body was given to another iterator before.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(TransportError) -> [UInt8]? {
            guard let source else { return nil }
            guard isFirst else {
                self.source = nil
                throw TransportError(
                    .bodyAlreadyRead, "a response body has one consumer: collect it and share the bytes instead")
            }
            do throws(TransportError) {
                if let chunk = try await source.next() { return chunk }
                self.source = nil
                return nil
            } catch {
                self.source = nil
                throw error
            }
        }
    }

    /// The iterator of the one consumer; the iterators made after it throw ``TransportError/Code/bodyAlreadyRead``.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source, isFirst: source.take())
    }

    /// The rest of the body as one array.
    ///
    /// - Parameter limit: The largest number of bytes.
    /// - Throws: ``TransportError``, ``TransportError/Code/responseTooLarge`` when the body has more bytes than `limit`; the connection
    ///   is closed then.
    public func collect(upTo limit: Int) async throws(TransportError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunks = makeAsyncIterator()
        while let chunk = try await chunks.next() {
            guard chunk.count <= limit - bytes.count else {
                source.close()
                throw TransportError(
                    .responseTooLarge,
                    "the response body has more than \(limit) bytes: raise the limit or read it chunk by chunk")
            }
            bytes += chunk
        }
        return bytes
    }

    /// A body that is there already, in the given chunks; empty chunks are left out.
    public init(chunks: [[UInt8]]) {
        let rest = Mutex(chunks.filter { !$0.isEmpty }[...])
        self.init(
            next: { () throws(TransportError) in rest.withLock { $0.popFirst() } },
            onClose: {})
    }
}
