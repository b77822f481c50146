import StreamTransport
import Testing

@Suite("Deadlines of an exchange")
struct ExchangeDeadlinesTests {
    let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    private func deadlines(
        connect: Duration? = nil, firstByte: Duration? = nil, idle: Duration? = nil, total: Duration? = nil
    ) -> ExchangeDeadlines {
        ExchangeDeadlines(
            TransportTimeouts(connect: connect, firstByte: firstByte, idle: idle, total: total), start: start,
            hopStart: start)
    }

    @Test("Before the head: connect, first byte, total, each at its time")
    func beforeTheHead() {
        var all = deadlines(connect: .seconds(1), firstByte: .seconds(2), idle: .seconds(0.1), total: .seconds(3))
        #expect(all.due(at: at(0.99)) == nil)
        #expect(all.due(at: at(1)) == .connect)
        all.connectionStands()
        #expect(all.due(at: at(1.99)) == nil)
        #expect(all.due(at: at(2)) == .firstByte)
        #expect(deadlines().next == nil)
    }

    @Test("Idle counts from the later of the last bytes and the reader's asking, and only while it asks")
    func idle() {
        var some = deadlines(idle: .seconds(5))
        some.headArrived(at: at(1))
        #expect(some.next == nil)
        some.consumerWaits(since: at(2))
        #expect(some.due(at: at(6.9)) == nil)
        #expect(some.due(at: at(7)) == .idle)
        some.bytesArrived(at: at(6))
        #expect(some.due(at: at(7)) == nil)
        #expect(some.due(at: at(11)) == .idle)
        some.consumerWaits(since: nil)
        #expect(some.due(at: at(1000)) == nil)
    }

    @Test("The total goes over the head; the head ends connect and first byte")
    func total() {
        var some = deadlines(connect: .seconds(1), firstByte: .seconds(2), total: .seconds(3))
        some.headArrived(at: at(0.5))
        #expect(some.due(at: at(2.9)) == nil)
        #expect(some.due(at: at(3)) == .total)
    }

    @Test("Durations out of range neither trap nor wait backwards")
    func extremes() {
        let huge = Duration(secondsComponent: .max, attosecondsComponent: 0)
        #expect(deadlines(firstByte: huge, total: huge).due(at: at(0)) == nil)
        #expect(deadlines(total: .seconds(-5)).due(at: at(0)) == .total)
        var some = deadlines(idle: huge)
        some.headArrived(at: at(0))
        some.consumerWaits(since: at(0))
        #expect(some.next != nil)
    }

    @Test("Who is not told of the consumer looks again soon enough, and not more often than that")
    func checks() {
        var some = deadlines(idle: .seconds(5), total: .seconds(100))
        #expect(some.nextCheck(after: at(0)) == at(100))
        some.headArrived(at: at(1))
        #expect(some.nextCheck(after: at(2)) == at(7))
        #expect(some.nextCheck(after: at(98)) == at(100))
        // Whenever it begins to wait after a look, the next one is not too late.
        some.consumerWaits(since: at(6))
        #expect(some.due(at: at(7)) == nil)
        #expect(some.nextCheck(after: at(7)) == at(11))
        some.bytesArrived(at: at(8))
        #expect(some.nextCheck(after: at(11)) == at(13))
        #expect(deadlines().nextCheck(after: at(0)) == nil)
    }
}
