#if AsyncHTTPClient
    import NIOCore
    import NIOPosix
    import Testing
    import WireProtocols

    @testable import AsyncHTTPClientTransports

    @Suite("Seats for exchanges")
    struct ConnectionSeatsTests {
        private let loops = [any EventLoop](
            (0..<3).map { _ in MultiThreadedEventLoopGroup.singleton.next() })

        private func url(_ text: String) throws -> AbsoluteURL { try #require(AbsoluteURL(text)) }

        @Test("One after the other takes the same loop; at the same time they spread")
        func loopsAreShared() throws {
            let seats = ConnectionSeats(loops: loops, pooled: 100)
            for _ in 0..<5 {
                let seat = try seats.take(for: url("http://a.test/x"))
                #expect(seat.loop === loops[0])
                seat.leave()
            }
            let held = try (0..<6).map { try seats.take(for: url("http://a.test/\($0)")) }
            #expect(seats.takenCounts == [2, 2, 2])
            held[1].leave()
            #expect(try seats.take(for: url("http://b.test")).loop === loops[1])
        }

        @Test("Beyond the pool's share of an origin, connections are the exchange's own")
        func pooled() throws {
            let seats = ConnectionSeats(loops: loops, pooled: 2)
            let first = try seats.take(for: url("http://a.test/1"))
            #expect(first.isPooled)
            #expect(try seats.take(for: url("http://A.test:80/2")).isPooled)
            let third = try seats.take(for: url("http://a.test/3"))
            #expect(!third.isPooled)
            #expect(try seats.take(for: url("https://a.test/3")).isPooled)
            #expect(try seats.take(for: url("http://a.test:81/3")).isPooled)
            first.leave()
            third.leave()
            #expect(try seats.take(for: url("http://a.test/4")).isPooled)
            #expect(try !ConnectionSeats(loops: loops, pooled: 0).take(for: url("http://a.test")).isPooled)
        }
    }
#endif
