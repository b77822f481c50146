import AgentKitTesting
import StreamCore
import Testing

@testable import DurableLog

@Suite struct EventDequeTests {
    private func event(_ number: Int) -> LoggedEvent {
        LoggedEvent(
            offset: Offset(index: UInt64(number))!, timestamp: Timestamp(millisecondsSince1970: 0),
            event: StreamEvent(type: .content, payload: Array("\(number)".utf8)))
    }

    @Test("It does as an array does", arguments: 0..<8)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var deque = EventDeque()
        var array: [LoggedEvent] = []
        var next = 1
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                for _ in 0..<Int.random(in: 1...200, using: &random) {
                    deque.append(event(next))
                    array.append(event(next))
                    next += 1
                }
            case 6..<9:
                for _ in 0..<Int.random(in: 0...min(array.count, 300), using: &random) {
                    deque.removeFirst()
                    array.removeFirst()
                }
            default:
                // A copy is cut and goes on, and the original does not see it.
                var (copy, cut) = (deque, array)
                let count = Int.random(in: 0...array.count, using: &random)
                copy.cut(to: count)
                cut.removeSubrange(count...)
                copy.append(event(9_999_999))
                cut.append(event(9_999_999))
                #expect(copy.slice(0..<copy.count) == cut)
            }
            #expect(deque.count == array.count)
            #expect(deque.first == array.first)
            let start = Int.random(in: 0...array.count, using: &random)
            let end = Int.random(in: start...array.count, using: &random)
            #expect(deque.slice(start..<end) == Array(array[start..<end]))
        }
    }
}
