/// A section's content as an async sequence of pieces; each iteration writes it anew.
///
/// The first request is sent when the first chunk is asked for; some 64 chunks wait for the reader at most. Dropping the
/// iterator or cancelling the reading task cancels the parts that are under way.
public struct ContentStream: AsyncSequence, Sendable {
    /// What is streamed.
    public typealias Element = ContentChunk
    /// What is thrown.
    public typealias Failure = ContentError

    private let generator: ContentGenerator
    private let section: ContentSection

    init(generator: ContentGenerator, section: ContentSection) {
        self.generator = generator
        self.section = section
    }

    /// An iteration: writes the section.
    public func makeAsyncIterator() -> Iterator {
        let (generator, section) = (generator, section)
        return Iterator(
            base: PullIterator { channel in
                do throws(ContentError) {
                    _ = try await generator.write(section) { chunks in try await channel.send(chunks) }
                    return nil
                } catch {
                    return error
                }
            })
    }

    /// Walks over the content.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: PullIterator<ContentChunk, ContentError>

        init(base: PullIterator<ContentChunk, ContentError>) {
            self.base = base
        }

        /// The next chunk, or nil after the last.
        ///
        /// - Throws: ``ContentError`` for the first part that fails.
        public mutating func next() async throws(ContentError) -> ContentChunk? {
            try await base.next()
        }

        /// The next chunk, or nil after the last; the isolation is only for the sequence protocol's sake.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ContentError) -> ContentChunk? {
            try await base.next()
        }
    }
}
