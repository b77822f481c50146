#if NIO
    import NIOCore
    import NIOEmbedded
    import NIOWebSockets
    import Testing
    import WireProtocols

    /// One end of a WebSocket on a channel without a network, whose time and bytes are the test's.
    struct TestEnd {
        let channel = NIOAsyncTestingChannel()
        let socket: NIOWebSocket
        var loop: NIOAsyncTestingEventLoop { channel.testingEventLoop }

        init(
            _ role: WebSocketRole = .client, begins: Bool = true,
            _ configure: (inout WebSocketConfiguration) -> Void = { _ in }
        ) async throws {
            var configuration = WebSocketConfiguration()
            configure(&configuration)
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
            let (channel, settled) = (channel, configuration)
            socket = try await channel.testingEventLoop.executeInContext {
                let socket = try NIOWebSocket.start(on: channel, role: role, configuration: settled)
                if begins { socket.begin() }
                return socket
            }
        }

        /// Has bytes come from the network.
        func feed(_ bytes: [UInt8]) async throws {
            try await channel.writeInbound(ByteBuffer(bytes: bytes))
        }

        /// What was sent so far.
        func sent() async throws -> [UInt8] {
            await loop.run()
            var bytes: [UInt8] = []
            while let buffer = try await channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
            return bytes
        }

        /// What was sent so far, as the other end reads it.
        func events(as reader: WebSocketRole = .server) async throws -> [WebSocketMachine.Event] {
            try parse(try await sent(), as: reader)
        }
    }

    func parse(_ bytes: [UInt8], as role: WebSocketRole) throws -> [WebSocketMachine.Event] {
        var machine = WebSocketMachine(role: role)
        var events: [WebSocketMachine.Event] = []
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while let event = try machine.next(from: &rest) { events.append(event) }
        }
        return events
    }

    /// A frame of a server.
    func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8] = []) -> [UInt8] {
        WebSocketFrameHeader(opcode, payloadLength: payload.count).encoded + payload
    }
#endif
