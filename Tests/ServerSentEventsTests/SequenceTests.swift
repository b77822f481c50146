import ServerSentEvents
import Testing

/// Chunks that are there, and then perhaps an error; counts how many were pulled.
private struct Chunks: AsyncSequence {
    struct Broken: Error, Equatable {}

    final class Counter {
        var pulled = 0
    }

    var chunks: [[UInt8]]
    var breaks = false
    let counter = Counter()

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        var breaks: Bool
        let counter: Counter

        mutating func next(isolation actor: isolated (any Actor)?) async throws(Broken) -> [UInt8]? {
            counter.pulled += 1
            if let chunk = rest.popFirst() { return chunk }
            if breaks { throw Broken() }
            return nil
        }

        mutating func next() async throws(Broken) -> [UInt8]? {
            try await next(isolation: nil)
        }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(rest: chunks[...], breaks: breaks, counter: counter)
    }
}

@Suite("Sequence of events")
struct SequenceTests {
    private func chunks(_ texts: String...) -> Chunks {
        Chunks(chunks: texts.map { Array($0.utf8) })
    }

    @Test("Events over chunks, pulled as they are asked for")
    func pulling() async throws {
        let source = chunks("data: 1\n\nda", "ta: 2\n\ndata: 3\n\n", "", ": x\n", "data: 4\n\n", "data: 5\n")
        var iterator = source.serverSentEvents.makeAsyncIterator()
        var pulled: [Int] = []
        var data: [String] = []
        while let event = try await iterator.next() {
            data.append(event.data)
            pulled.append(source.counter.pulled)
            #expect(!iterator.endedWithinBlock)
        }
        #expect(data == ["1", "2", "3", "4"])
        #expect(pulled == [1, 2, 2, 5])
        #expect(iterator.endedWithinBlock)
        #expect(try await iterator.next() == nil)
        #expect(source.counter.pulled == 7)
    }

    @Test("Cursor and reconnection time")
    func state() async throws {
        var iterator = chunks("retry: 7\ndata: 1\n\n", "id: 2\n\n")
            .serverSentEvents(lastEventID: "1", limits: .default).makeAsyncIterator()
        #expect(try await iterator.next() == ServerSentEvent(data: "1", lastEventID: "1"))
        #expect(try await iterator.next() == nil)
        #expect(iterator.lastEventID == "2")
        #expect(iterator.reconnectionTime == .milliseconds(7))
        #expect(!iterator.endedWithinBlock)
    }

    @Test("The source's error comes after the events before it, once")
    func sourceFails() async throws {
        var source = chunks("data: 1\n\ndata: 2")
        source.breaks = true
        var iterator = source.serverSentEvents.makeAsyncIterator()
        #expect(try await iterator.next()?.data == "1")
        await #expect(throws: ServerSentEventStreamError<Chunks.Broken>.source(Chunks.Broken())) {
            try await iterator.next()
        }
        #expect(try await iterator.next() == nil)
    }

    @Test("A limit's error comes after the events before it, once")
    func limitFails() async throws {
        var iterator = chunks("data: 1\n\ndata: 12345\n\ndata: 2\n\n", "data: 3\n\n")
            .serverSentEvents(limits: ServerSentEventLimits(line: 4)).makeAsyncIterator()
        #expect(try await iterator.next()?.data == "1")
        do throws(ServerSentEventStreamError<Chunks.Broken>) {
            _ = try await iterator.next()
            Issue.record("nothing was thrown")
        } catch {
            guard case .parsing(let error) = error else { throw error }
            #expect(error.code == .lineTooLong)
            #expect(error.position == 19)
        }
        #expect(try await iterator.next() == nil)
    }
}
