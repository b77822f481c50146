#if NIO
    import AgentKitTesting
    import NIOCore
    import NIOEmbedded
    import NIOWebSockets
    import Synchronization
    import Testing
    import WireProtocols

    @Suite("A WebSocket on a channel", .timeLimit(.minutes(1)))
    struct ChannelTests {
        @Test("Messages both ways, in both roles", arguments: [WebSocketRole.client, .server], [false, true])
        func echo(role: WebSocketRole, compresses: Bool) async throws {
            let peer: WebSocketRole = role == .client ? .server : .client
            let near = try await TestEnd(role) { $0.deflate = compresses ? PerMessageDeflate() : nil }
            let far = try await TestEnd(peer) { $0.deflate = compresses ? PerMessageDeflate() : nil }
            let messages: [WebSocketMessage] = [
                .text(""), .text("é€😀"), .binary([]), .text(String(repeating: "again ", count: 2000)),
                .binary([UInt8](repeating: 3, count: 40_000)),
            ]
            for message in messages {
                try await near.socket.send(message)
                try await far.feed(try await near.sent())
                let received = try await far.socket.receive()
                #expect(received == message)
                try await far.socket.send(message)
                try await near.feed(try await far.sent())
                let answer = try await near.socket.receive()
                #expect(answer == message)
            }
        }

        @Test("Small messages are sent as they are, larger ones compressed")
        func threshold() async throws {
            let end = try await TestEnd(.server) {
                $0.deflate = PerMessageDeflate()
                $0.compressionThreshold = 100
            }
            for (count, first) in [(99, 0x81), (100, 0xC1)] as [(Int, UInt8)] {
                try await end.socket.send(.text(String(repeating: "a", count: count)))
                #expect(try await end.sent().first == first)
            }
        }

        @Test("Long messages are fragmented, and a pong comes between the fragments")
        func fragments() async throws {
            let end = try await TestEnd(.server) { $0.outgoingFrameSize = 10 }
            try await end.socket.send(.binary([UInt8](0..<25)))
            #expect(
                try await end.sent()
                    == [0x02, 10] + (0..<10) + [0x00, 10] + (10..<20) + [0x80, 5] + (20..<25))
        }

        @Test("Nothing is sent before the handshake's handlers are out of the way")
        func begin() async throws {
            let end = try await TestEnd(begins: false)
            try await end.socket.send(.text("early"))
            try await end.feed(frame(.ping))
            #expect(try await end.sent().isEmpty)
            await end.loop.executeInContextIgnoringErrors { end.socket.begin() }
            #expect(try await end.events() == [.pong([]), .message(.text("early"))])
        }

        @Test("Of several pings the last is answered, also when the channel could not be written to")
        func pongs() async throws {
            let end = try await TestEnd()
            end.channel.isWritable = false
            for number in 0..<100 as Range<UInt8> { try await end.feed(frame(.ping, [number])) }
            #expect(try await end.sent().isEmpty)
            try await end.setWritable()
            #expect(try await end.events() == [.pong([99])])
        }

        @Test("Senders wait while the channel cannot be written to, and go on then")
        func writability() async throws {
            let end = try await TestEnd()
            end.channel.isWritable = false
            // As much is taken as the outbox holds; the next one waits.
            for _ in 0..<2 { try await end.socket.send(.binary([UInt8](repeating: 1, count: 32 << 10))) }
            let waiting = Task { try await end.socket.send(.text("last")) }
            let cancelled = Task { try await end.socket.send(.text("never")) }
            cancelled.cancel()
            await #expect(throws: WebSocketFailure.self) { try await cancelled.value }
            #expect(try await end.sent().isEmpty)
            try await end.setWritable()
            try await waiting.value
            let events = try await end.events()
            #expect(events.count == 3)
            #expect(events.last == .message(.text("last")))
        }

        @Test("Nothing is read while messages wait, and all of them come")
        func readsNothingAhead() async throws {
            let end = try await TestEnd()
            let reads = ReadCounter()
            let channel = end.channel
            try await end.loop.executeInContext {
                try channel.pipeline.syncOperations.addHandler(reads.makeHandler(), position: .first)
            }
            // A hundred reads of a hundred messages each, of which the inbox takes little more than one.
            let batch = (0..<100).flatMap { _ in frame(.text, [0x61]) }
            try await end.feed(batch)
            try await end.feed(batch)
            let before = reads.count
            channel.read()
            channel.read()
            await end.loop.run()
            #expect(reads.count == before)
            for _ in 0..<200 {
                let message = try await end.socket.receive()
                #expect(message == .text("a"))
                await end.loop.run()
            }
            // What was held back is let through once, when half of it is taken.
            #expect(reads.count == before + 1)
        }

        @Test("A silent peer is sent a ping, and is gone when it stays silent")
        func keepAlive() async throws {
            let end = try await TestEnd {
                $0.pingInterval = .seconds(20)
                $0.pongTimeout = .seconds(10)
            }
            await end.loop.advanceTime(by: .seconds(19))
            #expect(try await end.events().isEmpty)
            // A sign of life puts it off.
            try await end.feed(frame(.text, [0x61]))
            await end.loop.advanceTime(by: .seconds(19))
            #expect(try await end.events().isEmpty)
            await end.loop.advanceTime(by: .seconds(1))
            #expect(try await end.events().count == 1)
            await end.loop.advanceTime(by: .seconds(9))
            try await end.feed(frame(.pong, [0, 0, 0, 0, 0, 0, 0, 0]))
            await end.loop.advanceTime(by: .seconds(20))
            #expect(try await end.events().isEmpty)
            await end.loop.advanceTime(by: .seconds(5))
            #expect(try await end.events().count == 1)
            #expect(end.channel.isActive)
            await end.loop.advanceTime(by: .seconds(10))
            #expect(!end.channel.isActive)
            let message = try await end.socket.receive()
            #expect(message == .text("a"))
            let failure = await #expect(throws: WebSocketFailure.self) { try await end.socket.receive() }
            guard case .silent = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }

        @Test("The silence of a peer that is held back is ours")
        func heldBackSilence() async throws {
            let end = try await TestEnd {
                $0.pingInterval = .seconds(20)
                $0.pongTimeout = .seconds(10)
            }
            try await end.feed((0..<200).flatMap { _ in frame(.text, [0x61]) })
            await end.loop.advanceTime(by: .hours(1))
            #expect(end.channel.isActive)
            #expect(try await end.events().isEmpty)
            for _ in 0..<200 { _ = try await end.socket.receive() }
            await end.loop.run()
            await end.loop.advanceTime(by: .seconds(60))
            #expect(!end.channel.isActive)
        }

        @Test("A server closes the connection when both have closed, a client leaves it to the server for a while")
        func closing() async throws {
            let close = frame(.close, [3, 232])
            let client = try await TestEnd(.client) { $0.closeTimeout = .seconds(5) }
            try await client.feed(close)
            #expect(try await client.socket.receive() == nil)
            #expect(client.socket.closure == WebSocketClosure(.normalClosure))
            #expect(try await client.events() == [.close(WebSocketClosure(.normalClosure))])
            await client.loop.advanceTime(by: .seconds(4))
            #expect(client.channel.isActive)
            await client.loop.advanceTime(by: .seconds(1))
            #expect(!client.channel.isActive)

            let server = try await TestEnd(.server) { $0.closeTimeout = .seconds(5) }
            let task = Task { await server.socket.close(WebSocketClosure(.serviceRestart)) }
            while try await server.sentNothing() { await Task.yield() }
            #expect(server.channel.isActive)
            try await server.feed([0x88, 0x82, 0, 0, 0, 0, 3, 244])
            await server.loop.run()
            await task.value
            #expect(!server.channel.isActive)
            #expect(server.socket.closure == WebSocketClosure(.serviceRestart))
            #expect(try await server.socket.receive() == nil)
        }

        @Test("What was taken before is sent before the close frame, and what comes meanwhile is dropped")
        func closeIsLast() async throws {
            let end = try await TestEnd(.client)
            end.channel.isWritable = false
            try await end.socket.send(.text("first"))
            let task = Task { await end.socket.close(WebSocketClosure(.normalClosure)) }
            while (try? await end.socket.send(.text("late"))) != nil { await Task.yield() }
            try await end.feed((0..<1000).flatMap { _ in frame(.text, [0x61]) })
            try await end.setWritable()
            let events = try await end.events()
            #expect(events.first == .message(.text("first")))
            #expect(events.last == .close(WebSocketClosure(.normalClosure)))
            #expect(try await end.socket.receive() == nil)
            try await end.feed(frame(.close, [3, 232]))
            _ = try await end.channel.close()
            await task.value
        }

        @Test("A violation is told to the peer, whose connection is closed a second later at most")
        func violation() async throws {
            let end = try await TestEnd(.client)
            try await end.feed(frame(.text, [0x61]) + [0x83, 0])
            #expect(try await end.socket.receive() == .text("a"))
            await #expect(throws: WebSocketFailure.self) { try await end.socket.receive() }
            guard case .close(let closure)? = try await end.events().last else {
                Issue.record("no close frame")
                return
            }
            #expect(closure.code == .protocolError)
            await end.loop.advanceTime(by: .seconds(1))
            #expect(!end.channel.isActive)
        }

        @Test("What was read before the end of the connection is delivered, then the end")
        func endWithMessagesWaiting() async throws {
            let end = try await TestEnd(.client)
            // More than the inbox takes.
            try await end.feed((0..<500).flatMap { _ in frame(.text, [0x61]) })
            _ = try await end.channel.close()
            for _ in 0..<500 {
                let message = try await end.socket.receive()
                #expect(message == .text("a"))
                await end.loop.run()
            }
            let failure = await #expect(throws: WebSocketFailure.self) { try await end.socket.receive() }
            guard case .lost = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            await #expect(throws: WebSocketFailure.self) { try await end.socket.send(.text("late")) }
        }
    }

    extension TestEnd {
        func setWritable() async throws {
            let channel = channel
            try await loop.executeInContext {
                channel.isWritable = true
                channel.pipeline.fireChannelWritabilityChanged()
            }
        }

        func sentNothing() async throws -> Bool { try await sent().isEmpty }
    }

    extension NIOAsyncTestingEventLoop {
        func executeInContextIgnoringErrors(_ body: @escaping @Sendable () -> Void) async {
            try? await executeInContext { body() }
        }
    }

    /// Counts the reads that reach the network.
    private final class ReadCounter: Sendable {
        private let reads = Mutex(0)

        var count: Int { reads.withLock { $0 } }
        func add() { reads.withLock { $0 += 1 } }
        func makeHandler() -> some ChannelOutboundHandler { Handler(counter: self) }

        private final class Handler: ChannelOutboundHandler {
            typealias OutboundIn = ByteBuffer
            typealias OutboundOut = ByteBuffer
            private let counter: ReadCounter

            init(counter: ReadCounter) {
                self.counter = counter
            }

            func read(context: ChannelHandlerContext) {
                counter.add()
                context.read()
            }
        }
    }
#endif
