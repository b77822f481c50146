#if NIO
    import NIOCore
    import NIOEmbedded
    import StreamDelivery
    import Testing
    @testable import NIODelivery

    @Suite struct PumpTimeTests {
        let loop = EmbeddedEventLoop()
        let script = ScriptedSource.Script()

        @Test("A silent body gets a heartbeat within the interval, one that is written to gets none")
        func heartbeats() throws {
            let source = ScriptedSource(script, heartbeat: ":\n\n")
            let reader = try PumpedChannel(source, on: loop, pumps: DeliveryPumps())
            loop.advanceTime(by: .seconds(11))
            #expect(try reader.sent() == "")
            loop.advanceTime(by: .seconds(4))
            #expect(try reader.sent() == "3\r\n:\n\n\r\n")
            for _ in 0..<10 {
                loop.advanceTime(by: .seconds(5))
                script.append("x")
                loop.advanceTime(by: .milliseconds(1))
            }
            #expect(try reader.sent() == String(repeating: "1\r\nx\r\n", count: 10))
        }

        @Test("A source without heartbeats is left alone")
        func noHeartbeat() throws {
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps())
            loop.advanceTime(by: .minutes(10))
            #expect(try reader.sent() == "")
            #expect(reader.channel.isActive)
        }

        @Test("A reader that takes nothing for the timeout is closed; its source is told why")
        func stuck() throws {
            var configuration = PumpConfiguration()
            configuration.stuckTimeout = .seconds(20)
            configuration.heartbeatInterval = .seconds(20)
            let pumps = DeliveryPumps(configuration: configuration)
            let stuck = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            let other = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            stuck.setWritable(false)
            loop.advanceTime(by: .seconds(20))
            #expect(stuck.channel.isActive)
            loop.advanceTime(by: .seconds(10))
            #expect(!stuck.channel.isActive)
            #expect(stuck.source.endings == ["stalled"])
            #expect(other.channel.isActive)
        }

        @Test("A slow reader is no stuck one: what it takes counts")
        func slow() throws {
            let pumps = DeliveryPumps()
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            reader.setWritable(false)
            // Not flushed: what waits for the peer, of which it takes a little every half a minute.
            for count in 1...20 {
                reader.channel.pipeline.write(ByteBuffer(repeating: 0x2E, count: count), promise: nil)
                loop.advanceTime(by: .seconds(25))
            }
            #expect(reader.channel.isActive)
            loop.advanceTime(by: .seconds(45))
            #expect(!reader.channel.isActive)
        }

        @Test("A drain tells the endpoints first, and ends what is left in order")
        func drain() throws {
            let told = Counter()
            let pumps = DeliveryPumps(drainDelay: .seconds(2)) { told.add() }
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            pumps.drain()
            pumps.drain()
            #expect(told.value == 1)
            loop.advanceTime(by: .seconds(1))
            script.append("farewell")
            loop.advanceTime(by: .milliseconds(1))
            #expect(try reader.sent() == "8\r\nfarewell\r\n")
            loop.advanceTime(by: .seconds(1))
            #expect(try reader.sent() == "0\r\n\r\n")
            #expect(reader.source.endings == ["drained"])
            // Whoever comes now is told the same.
            let late = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            loop.run()
            #expect(try late.sent() == "8\r\nfarewell\r\n0\r\n\r\n")
        }

        @Test("Without readers no timer runs")
        func idle() throws {
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps())
            try reader.channel.close().wait()
            let pumps = DeliveryPumps()
            #expect(pumps.pump(on: loop).readerCount == 0)
            #expect(script.subscriberCount == 0)
        }
    }
#endif
