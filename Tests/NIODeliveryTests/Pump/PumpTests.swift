#if NIO
    import NIOCore
    import NIOEmbedded
    import StreamDelivery
    import Testing
    @testable import NIODelivery

    @Suite struct PumpTests {
        let loop = EmbeddedEventLoop()
        let script = ScriptedSource.Script()

        /// Has the loop do what is due, the slices of a turn included.
        private func runAll() {
            loop.run()
            loop.advanceTime(by: .milliseconds(1))
        }

        @Test("A body is written in chunks, from a reader's place to the tail in one")
        func chunks() throws {
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps())
            #expect(try reader.sent() == "")
            script.append("one ")
            script.append("two ")
            runAll()
            #expect(try reader.sent() == "8\r\none two \r\n")
            script.append(String(repeating: "x", count: 31))
            runAll()
            #expect(try reader.sent() == "1f\r\n\(String(repeating: "x", count: 31))\r\n")
        }

        @Test("Without a framing the bytes go out as they are")
        func unframed() throws {
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps(), framing: .none)
            script.append("bytes")
            runAll()
            #expect(try reader.sent() == "bytes")
        }

        @Test("What there is already is written when a reader comes")
        func backlog() throws {
            script.append("old")
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps())
            #expect(try reader.sent() == "3\r\nold\r\n")
        }

        @Test("Pieces are no larger than the configuration says")
        func pieceSize() throws {
            var configuration = PumpConfiguration()
            configuration.pieceSize = 4
            let reader = try PumpedChannel(
                ScriptedSource(script), on: loop, pumps: DeliveryPumps(configuration: configuration))
            script.append("abcdefghij")
            runAll()
            #expect(try reader.sent() == "4\r\nabcd\r\n4\r\nefgh\r\n2\r\nij\r\n")
        }

        @Test("A wake costs one task, and a turn lets the loop read between slices of readers")
        func slices() throws {
            var configuration = PumpConfiguration()
            configuration.sliceSize = 64
            let pumps = DeliveryPumps(configuration: configuration)
            let readers = try (0..<200).map { _ in try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps) }
            #expect(script.subscriberCount == 1)
            script.append("e")
            // The first slice; the next comes after the loop has looked at its channels.
            loop.run()
            var served = readers.filter { $0.source.position == 1 }.count
            #expect(served == 64)
            // What is appended meanwhile goes out with the same writes to those who come later.
            script.append("f")
            loop.advanceTime(by: .microseconds(10))
            served = readers.filter { $0.source.position == 2 }.count
            #expect(served == 64)
            runAll()
            #expect(readers.allSatisfy { $0.source.position == 2 })
            let sent = try readers.map { try $0.sent() }
            #expect(sent.filter { $0 == "2\r\nef\r\n" }.count == 136)
            #expect(sent.filter { $0 == "1\r\ne\r\n1\r\nf\r\n" }.count == 64)
        }

        @Test("A reader whose channel takes nothing is passed over, and goes on where it was")
        func backpressure() throws {
            let pumps = DeliveryPumps()
            let slow = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            let quick = try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps)
            slow.setWritable(false)
            for text in ["a", "b", "c"] {
                script.append(text)
                runAll()
            }
            #expect(slow.source.position == 0)
            #expect(try quick.sent() == "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n")
            slow.setWritable(true)
            #expect(try slow.sent() == "3\r\nabc\r\n")
        }

        @Test("A reader with much to come leaves the loop to others in between")
        func budget() throws {
            var configuration = PumpConfiguration()
            configuration.pieceSize = 10
            let reader = try PumpedChannel(
                ScriptedSource(script), on: loop, pumps: DeliveryPumps(configuration: configuration))
            script.append(String(repeating: "y", count: 1000))
            loop.run()
            #expect(reader.source.position == 80)
            runAll()
            for _ in 0..<20 { loop.advanceTime(by: .microseconds(10)) }
            #expect(reader.source.position == 1000)
        }

        @Test("A source that is ready by itself is pulled")
        func ready() throws {
            let source = ScriptedSource(script)
            let reader = try PumpedChannel(source, on: loop, pumps: DeliveryPumps())
            script.set(Array("own".utf8))
            loop.run()
            #expect(try reader.sent() == "")
            for _ in 0..<1000 { source.callReady() }
            loop.run()
            #expect(try reader.sent() == "3\r\nown\r\n")
        }

        @Test("The end of a source ends the body and then the connection")
        func end() throws {
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps())
            script.append("last")
            script.close()
            runAll()
            #expect(try reader.sent() == "4\r\nlast\r\n0\r\n\r\n")
            #expect(reader.source.endings == ["end"])
            loop.advanceTime(by: .seconds(2))
            #expect(!reader.channel.isActive)
            #expect(reader.source.endings == ["end"])
            #expect(script.subscriberCount == 0)
        }

        @Test("A peer that goes ends its source at once, and nobody else's")
        func departure() throws {
            let pumps = DeliveryPumps()
            let readers = try (0..<3).map { _ in try PumpedChannel(ScriptedSource(script), on: loop, pumps: pumps) }
            try readers[0].channel.close().wait()
            #expect(readers.map(\.source.endings) == [["departed"], [], []])
            // Half-closed is gone as well: an event stream's client has nothing to say.
            readers[1].channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            loop.run()
            #expect(readers.map(\.source.endings) == [["departed"], ["departed"], []])
            script.append("x")
            runAll()
            #expect(try readers[2].sent() == "1\r\nx\r\n")
        }

        @Test("What a peer says while a body is written is dropped, and too much of it cuts it off")
        func chatter() throws {
            let reader = try PumpedChannel(ScriptedSource(script), on: loop, pumps: DeliveryPumps())
            try reader.channel.writeInbound(ByteBuffer(repeating: 0x41, count: 60_000))
            #expect(reader.channel.isActive)
            try reader.channel.writeInbound(ByteBuffer(repeating: 0x41, count: 60_000))
            #expect(!reader.channel.isActive)
            #expect(reader.source.endings == ["departed"])
        }

        @Test("An empty piece writes no chunk, which would end the body")
        func emptyPiece() throws {
            let reader = try PumpedChannel(ScriptedSource(script, heartbeat: ""), on: loop, pumps: DeliveryPumps())
            loop.advanceTime(by: .seconds(60))
            #expect(try reader.sent() == "")
        }
    }
#endif
