import AgentKitTesting
import Testing

@testable import AgentKit

@Suite struct BatchBufferTests {
    private typealias Buffer = BatchBuffer<Int, String>

    private func isTaken(_ offer: Buffer.Offer, resuming waiter: String? = nil) -> Bool {
        if case .taken(let resumed) = offer { resumed == waiter } else { false }
    }

    private func elements(_ poll: Buffer.Poll) -> (elements: [Int], resume: [String])? {
        if case .elements(let elements, let resume) = poll { (elements, resume) } else { nil }
    }

    @Test func takesBatchesUntilItIsFull() {
        var buffer = Buffer(capacity: 3)
        #expect(isTaken(buffer.offer([1, 2])))
        #expect(!buffer.isFull)
        // One batch may exceed the capacity, or a large one could never pass.
        #expect(isTaken(buffer.offer([3, 4, 5])))
        #expect(buffer.isFull)
        guard case .full = buffer.offer([6]) else {
            Issue.record("a full buffer takes nothing")
            return
        }
        buffer.wait(producer: "p")
        var storage: [Int] = []
        let polled = elements(buffer.poll(reusing: &storage))
        #expect(polled?.elements == [1, 2, 3, 4, 5])
        #expect(polled?.resume == ["p"])
        #expect(isTaken(buffer.offer([6])))
    }

    @Test func resumesTheConsumerOnce() {
        var buffer = Buffer(capacity: 3)
        var storage: [Int] = []
        guard case .empty = buffer.poll(reusing: &storage) else {
            Issue.record("nothing is there yet")
            return
        }
        buffer.wait(consumer: "c")
        #expect(isTaken(buffer.offer([1]), resuming: "c"))
        #expect(isTaken(buffer.offer([2])))
    }

    @Test func finishingLeavesWhatIsThere() {
        var buffer = Buffer(capacity: 3)
        _ = buffer.offer([1])
        #expect(buffer.finish() == nil)
        var storage: [Int] = []
        #expect(elements(buffer.poll(reusing: &storage))?.elements == [1])
        guard case .ended = buffer.poll(reusing: &storage) else {
            Issue.record("nothing comes after the last")
            return
        }
    }

    @Test func finishingResumesTheConsumer() {
        var buffer = Buffer(capacity: 3)
        buffer.wait(consumer: "c")
        #expect(buffer.finish() == "c")
    }

    @Test func closingTakesNothingMoreAndResumesAll() {
        var buffer = Buffer(capacity: 1)
        _ = buffer.offer([1])
        buffer.wait(producer: "p")
        buffer.wait(producer: "q")
        buffer.wait(consumer: "c")
        #expect(buffer.close() == ["p", "q", "c"])
        #expect(!buffer.isFull && !buffer.isIdle)
        var storage: [Int] = []
        #expect(elements(buffer.poll(reusing: &storage))?.elements == [1])
        guard case .closed = buffer.offer([2]) else {
            Issue.record("nobody reads")
            return
        }
        #expect(buffer.close() == [])
    }
}

@Suite struct BatchChannelTests {
    @Test(arguments: [1, 3, 64])
    func carriesEverythingInOrder(capacity: Int) async {
        let channel = BatchChannel<Int>(capacity: capacity)
        let producer = Task {
            for start in stride(from: 0, to: 10_000, by: 7) {
                try await channel.send(Array(start..<min(10_000, start + 7)))
            }
            channel.finish()
        }
        var received: [Int] = []
        var storage: [Int] = []
        while let batch = await channel.next(reusing: &storage) {
            #expect(batch.count < capacity + 7)
            received += batch
            storage = batch
        }
        #expect(received == Array(0..<10_000))
        await #expect(throws: Never.self) { try await producer.value }
    }

    @Test func carriesFromSeveralProducers() async throws {
        let channel = BatchChannel<Int>(capacity: 2)
        async let sent: Void = withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<4 {
                group.addTask { for value in 0..<500 { try await channel.send([producer * 1000 + value]) } }
            }
            try await group.waitForAll()
            channel.finish()
        }
        var received: [Int] = []
        var storage: [Int] = []
        while let batch = await channel.next(reusing: &storage) { received += batch }
        try await sent
        for producer in 0..<4 {
            #expect(received.filter { $0 / 1000 == producer } == (0..<500).map { producer * 1000 + $0 })
        }
    }

    @Test func closingEndsAWaitingProducer() async {
        let channel = BatchChannel<Int>(capacity: 1)
        let begun = Gate()
        let producer = Task {
            try await channel.send([1])
            begun.open()
            try await channel.send([2])
        }
        await #expect(throws: Never.self) { try await begun.wait() }
        channel.close()
        await #expect(throws: ReaderGone.self) { try await producer.value }
    }

    @Test func aCancelledProducerStillDelivers() async {
        let channel = BatchChannel<Int>(capacity: 1)
        let begun = Gate()
        let producer = Task {
            try await channel.send([1])
            begun.open()
            try await channel.send([2])
            channel.finish()
        }
        await #expect(throws: Never.self) { try await begun.wait() }
        producer.cancel()
        var received: [Int] = []
        var storage: [Int] = []
        while let batch = await channel.next(reusing: &storage) { received += batch }
        #expect(received == [1, 2])
    }

    @Test func cancellingTheConsumerClosesTheChannel() async {
        let channel = BatchChannel<Int>(capacity: 1)
        let consumer = Task {
            var storage: [Int] = []
            return await channel.next(reusing: &storage)
        }
        consumer.cancel()
        #expect(await consumer.value == nil)
        await #expect(throws: ReaderGone.self) { try await channel.send([1]) }
    }
}

@Suite struct SignalTests {
    @Test func letsAllWhoWaitGoOn() async {
        let signal = Signal()
        let waiting = (0..<4).map { _ in Task { await signal.wait() } }
        signal.set()
        for task in waiting { await task.value }
        await signal.wait()
        #expect(signal.isSet)
    }

    @Test func cancellationEndsTheWait() async {
        let signal = Signal()
        let waiting = Task { await signal.wait() }
        waiting.cancel()
        await waiting.value
        #expect(!signal.isSet)
    }
}

@Suite struct PullIteratorTests {
    private struct Broken: Error {}

    @Test func aCancelledReaderGetsAllOfWorkThatIsDone() async throws {
        let mayRead = Gate()
        let done = Gate()
        let task = Task {
            var iterator = PullIterator<Int, Broken>(capacity: 1) { channel in
                try? await channel.send([1])
                try? await mayRead.wait()
                try? await channel.send([2, 3])
                channel.finish()
                done.open()
                return nil
            }
            var values: [Int] = []
            while let value = try await iterator.next() {
                values.append(value)
                mayRead.open()
                try? await done.wait()
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return values
        }
        #expect(try await task.value == [1, 2, 3])
    }

    @Test func tellsAFailureOnceAndAfterEverythingElse() async throws {
        var iterator = PullIterator<Int, Broken> { channel in
            try? await channel.send([1, 2])
            return Broken()
        }
        #expect(try await iterator.next() == 1)
        #expect(try await iterator.next() == 2)
        await #expect(throws: Broken.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test func handsOutBatchesAndWhatIsLeftOfThem() async throws {
        var iterator = PullIterator<Int, Broken> { channel in
            try? await channel.send([1, 2, 3])
            return nil
        }
        #expect(try await iterator.next() == 1)
        #expect(try await iterator.nextBatch() == [2, 3])
        #expect(try await iterator.nextBatch() == nil)
    }

    @Test func startsTheWorkWithTheFirstPull() async throws {
        let began = Gate()
        var iterator = PullIterator<Int, Broken> { _ in
            began.open()
            return nil
        }
        #expect(!began.isOpen)
        #expect(try await iterator.next() == nil)
        #expect(began.isOpen)
    }
}
