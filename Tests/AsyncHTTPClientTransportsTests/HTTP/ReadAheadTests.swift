#if AsyncHTTPClient
    import AgentKitTesting
    import NIOCore
    import Testing

    @testable import AsyncHTTPClientTransports

    @Suite("What is read ahead")
    struct ReadAheadTests {
        @Test("Bytes come out as they went in, whatever the pieces and the turns", arguments: 0..<5 as Range<UInt64>)
        func exact(seed: UInt64) {
            var random = SeededRandom(seed: seed)
            var queue = ReadAhead(limit: 100_000)
            var sent = 0
            var taken = 0
            for _ in 0..<300 {
                if Bool.random(using: &random) {
                    let size = Int.random(in: 0...(Bool.random(using: &random) ? 40 : 20_000), using: &random)
                    queue.append(ByteBuffer(bytes: LoopbackPattern.bytes(sent..<sent + size)))
                    sent += size
                } else if let chunk = queue.popFirst() {
                    #expect(!chunk.isEmpty)
                    #expect(LoopbackPattern.matches(chunk, at: taken))
                    taken += chunk.count
                }
                #expect(queue.count == sent - taken)
                #expect(queue.isEmpty == (sent == taken))
            }
            while let chunk = queue.popFirst() {
                #expect(LoopbackPattern.matches(chunk, at: taken))
                taken += chunk.count
            }
            #expect(taken == sent)
        }

        @Test("Small pieces are joined, large ones are not")
        func joined() {
            var queue = ReadAhead(limit: 1 << 20)
            for _ in 0..<100 { queue.append(ByteBuffer(repeating: 1, count: 200)) }
            #expect(queue.popFirst()?.count == 16_200)
            #expect(queue.popFirst()?.count == 3_800)
            #expect(queue.popFirst() == nil)
            for _ in 0..<3 { queue.append(ByteBuffer(repeating: 1, count: 65_536)) }
            #expect(queue.popFirst()?.count == 65_536)
            queue.removeAll()
            #expect(queue.popFirst() == nil)
            #expect(queue.isEmpty)
        }

        @Test("It is full at its limit, and has room again at a quarter of it")
        func limits() {
            var queue = ReadAhead(limit: 200_000)
            queue.append(ByteBuffer(repeating: 1, count: 199_999))
            #expect(!queue.isFull)
            queue.append(ByteBuffer(repeating: 1, count: 1))
            #expect(queue.isFull)
            #expect(!queue.hasRoom)
            _ = queue.popFirst()
            #expect(queue.count == 1)
            #expect(queue.hasRoom)
        }
    }
#endif
