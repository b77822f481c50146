#if NIO
    import NIOCore
    import NIOEmbedded
    import NIOWebSockets
    import StreamDelivery
    import Testing
    import WireProtocols
    @testable import NIODelivery

    @Suite struct SocketTests {
        let loop = EmbeddedEventLoop()

        @Test("Frames that are pulled go out as they are; messages that come go to the conversation")
        func exchange() throws {
            let end = try ServerEnd(on: loop)
            let script = end.conversation.script
            script.set(WebSocketFrameHeader(.text, payloadLength: 2).encoded + Array("hi".utf8))
            script.notify()
            loop.run()
            #expect(try end.events() == [.message(.text("hi"))])
            try end.feed(clientFrame(.text, "hello") + clientFrame(.binary, [1, 2, 3]))
            #expect(end.conversation.received == [.text("hello"), .binary([1, 2, 3])])
        }

        @Test("Whatever the bytes are cut into, the messages are the same")
        func splits() throws {
            let bytes =
                clientFrame(.text, Array("hé".utf8), isFinal: false) + clientFrame(.ping, [7])
                + clientFrame(.continuation, Array("llo".utf8))
                + clientFrame(.binary, [UInt8](repeating: 9, count: 300))
            for size in [1, 2, 3, 7, bytes.count] {
                let end = try ServerEnd(on: loop)
                for start in stride(from: 0, to: bytes.count, by: size) {
                    try end.feed(Array(bytes[start..<min(start + size, bytes.count)]))
                }
                #expect(end.conversation.received == [.text("héllo"), .binary([UInt8](repeating: 9, count: 300))])
                #expect(try end.events() == [.pong([7])])
            }
        }

        @Test("Of pings that come while the channel takes nothing the last is answered, and no buffer grows")
        func pingFlood() throws {
            let end = try ServerEnd(on: loop)
            end.setWritable(false)
            for number in 0..<1000 { try end.feed(clientFrame(.ping, [UInt8(number % 250)])) }
            #expect(try end.events() == [])
            end.setWritable(true)
            #expect(try end.events() == [.pong([UInt8(999 % 250)])])
        }

        @Test("A conversation that takes no more holds the peer back")
        func holdingBack() throws {
            let end = try ServerEnd(on: loop)
            end.conversation.setTakes(false)
            try end.feed(clientFrame(.text, "1") + clientFrame(.text, "2") + clientFrame(.text, "3"))
            #expect(end.conversation.received == [.text("1")])
            end.conversation.setTakes(true)
            loop.run()
            #expect(end.conversation.received == [.text("1"), .text("2"), .text("3")])
        }

        @Test("A peer that takes nothing is not read from because there is something for it")
        func holdingBackWhoDoesNotRead() throws {
            let end = try ServerEnd(on: loop)
            end.conversation.setTakes(false)
            end.setWritable(false)
            try end.feed(clientFrame(.text, "1") + clientFrame(.text, "2") + clientFrame(.text, "3"))
            // As one that sends back what it was sent.
            end.conversation.callReady()
            loop.run()
            #expect(end.conversation.received == [.text("1")])
            end.setWritable(true)
            #expect(end.conversation.received == [.text("1"), .text("2")])
            end.conversation.callReady()
            loop.run()
            #expect(end.conversation.received == [.text("1"), .text("2"), .text("3")])
        }

        @Test("The closing handshake, begun by the client")
        func clientCloses() throws {
            let end = try ServerEnd(on: loop)
            try end.feed(clientFrame(.close, [0x03, 0xE9] + Array("bye".utf8)))
            #expect(try end.events() == [.close(WebSocketClosure(.goingAway, reason: "bye"))])
            #expect(end.conversation.endings == ["departed"])
            loop.advanceTime(by: .seconds(2))
            #expect(!end.channel.isActive)
        }

        @Test("The closing handshake, begun by the conversation")
        func conversationCloses() throws {
            let end = try ServerEnd(on: loop, closure: WebSocketClosure(.policyViolation, reason: "revoked"))
            end.conversation.script.close()
            loop.run()
            #expect(try end.events() == [.close(WebSocketClosure(.policyViolation, reason: "revoked"))])
            #expect(end.channel.isActive)
            try end.feed(clientFrame(.close, [0x03, 0xF0]))
            #expect(!end.channel.isActive)
        }

        @Test("A client that does not answer a close frame is cut")
        func closeTimeout() throws {
            let end = try ServerEnd(on: loop)
            end.conversation.script.close()
            loop.run()
            loop.advanceTime(by: .milliseconds(1999))
            #expect(end.channel.isActive)
            loop.advanceTime(by: .milliseconds(1))
            #expect(!end.channel.isActive)
        }

        struct Violation: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var bytes: [UInt8]
            var code: WebSocketCloseCode
        }

        static let violations: [Violation] = [
            Violation(
                testDescription: "unmasked", bytes: WebSocketFrameHeader(.text, payloadLength: 1).encoded + [0x41],
                code: .protocolError),
            Violation(testDescription: "bad UTF-8", bytes: clientFrame(.text, [0xC3, 0x28]), code: .invalidPayload),
            Violation(
                testDescription: "bad UTF-8 in a fragment", bytes: clientFrame(.text, [0xFF], isFinal: false),
                code: .invalidPayload),
            Violation(
                testDescription: "announced too large",
                bytes: WebSocketFrameHeader(.binary, payloadLength: 1 << 40, maskingKey: 1).encoded,
                code: .messageTooBig),
            Violation(
                testDescription: "too large in fragments",
                bytes: (0..<3).flatMap {
                    clientFrame($0 == 0 ? .binary : .continuation, [UInt8](repeating: 0, count: 500), isFinal: false)
                },
                code: .messageTooBig),
            Violation(testDescription: "reserved opcode", bytes: [0x83, 0x80, 0, 0, 0, 0], code: .protocolError),
            Violation(testDescription: "reserved bit", bytes: [0xA1, 0x80, 0, 0, 0, 0], code: .protocolError),
            Violation(
                testDescription: "long ping", bytes: clientFrame(.ping, [UInt8](repeating: 0, count: 126)),
                code: .protocolError),
            Violation(
                testDescription: "fragmented ping", bytes: clientFrame(.ping, [], isFinal: false), code: .protocolError),
            Violation(
                testDescription: "lone continuation", bytes: clientFrame(.continuation, []), code: .protocolError),
            Violation(testDescription: "close of one byte", bytes: clientFrame(.close, [3]), code: .protocolError),
            Violation(
                testDescription: "close with 1005", bytes: clientFrame(.close, [0x03, 0xED]), code: .protocolError),
        ]

        @Test("Who breaks the protocol is told with its code, and cut", arguments: violations)
        func violation(_ violation: Violation) throws {
            let end = try ServerEnd(on: loop) { $0.socketLimits = WebSocketLimits(messageSize: 1024) }
            try end.feed(violation.bytes)
            let events = try end.events()
            guard case .close(let closure)? = events.last, events.count == 1 else {
                Issue.record("sent \(events)")
                return
            }
            #expect(closure.code == violation.code)
            #expect(end.conversation.received == [])
            #expect(end.conversation.endings == ["refused"])
            // What comes now is nobody's.
            try end.feed(clientFrame(.text, "more"))
            loop.advanceTime(by: .seconds(2))
            #expect(!end.channel.isActive)
            #expect(end.conversation.received == [])
        }

        @Test("A compressed bomb is refused at the limit")
        func bomb() throws {
            let agreement = PerMessageDeflate(serverNoContextTakeover: true, clientNoContextTakeover: true)
            let deflater = try #require(MessageDeflater(agreement, of: .client, level: 9))
            let zeros = [UInt8](repeating: 0, count: 64 << 20)
            let compressed = try #require(
                zeros.withUnsafeBytes { deflater.compress($0, allocator: ByteBufferAllocator()) })
            #expect(compressed.readableBytes < 100_000)
            let end = try ServerEnd(on: loop, deflate: agreement)
            try end.feed(clientFrame(.binary, Array(compressed.readableBytesView), isCompressed: true))
            guard case .close(let closure)? = try end.events().last else {
                Issue.record("no close frame")
                return
            }
            #expect(closure.code == .messageTooBig)
            #expect(end.conversation.received == [])
        }

        @Test("A silent peer is pinged, and cut when it does not answer")
        func silence() throws {
            let end = try ServerEnd(on: loop)
            loop.advanceTime(by: .seconds(16))
            #expect(try end.events() == [.ping([])])
            try end.feed(clientFrame(.pong, []))
            loop.advanceTime(by: .seconds(16))
            #expect(try end.events() == [.ping([])])
            loop.advanceTime(by: .seconds(34))
            #expect(!end.channel.isActive)
            #expect(end.conversation.endings == ["stalled"])
        }

        @Test("A drain closes with 1012")
        func drain() throws {
            let end = try ServerEnd(on: loop)
            end.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            loop.advanceTime(by: .seconds(2))
            #expect(try end.events() == [.close(WebSocketClosure(.serviceRestart))])
            #expect(end.conversation.endings == ["drained"])
        }

        @Test("A peer that goes ends the conversation once")
        func departure() throws {
            let end = try ServerEnd(on: loop)
            try end.channel.close().wait()
            #expect(end.conversation.endings == ["departed"])
        }
    }
#endif
