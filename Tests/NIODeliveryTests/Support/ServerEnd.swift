#if NIO
    import NIOCore
    import NIOEmbedded
    import NIOWebSockets
    import StreamDelivery
    import Testing
    import WireProtocols
    @testable import NIODelivery

    /// The server's end of a WebSocket without a network, after the handshake.
    struct ServerEnd {
        let channel: EmbeddedChannel
        let conversation: ScriptedSource
        private let deflate: PerMessageDeflate?

        init(
            on loop: EmbeddedEventLoop, closure: WebSocketClosure = .init(.normalClosure),
            deflate: PerMessageDeflate? = nil, _ configure: (inout HostConfiguration) -> Void = { _ in }
        ) throws {
            var configuration = HostConfiguration()
            configure(&configuration)
            self.deflate = deflate
            conversation = ScriptedSource(closure: closure)
            channel = EmbeddedChannel(loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            let handler = SocketChannelHandler(
                conversation, agreement: WebSocketAgreement(deflate: deflate), configuration, pumps: DeliveryPumps())
            try channel.pipeline.syncOperations.addHandler(handler)
            handler.begin()
        }

        func feed(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

        func setWritable(_ isWritable: Bool) {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }

        /// What was sent since the last look, as a client reads it.
        func events() throws -> [WebSocketMachine.Event] {
            var machine = WebSocketMachine(
                role: .client, decompressor: deflate.map { MessageInflater($0, of: .server) })
            var events: [WebSocketMachine.Event] = []
            try channel.bytes().withUnsafeBytes { bytes in
                var rest = bytes
                while let event = try machine.next(from: &rest) { events.append(event) }
            }
            return events
        }
    }

    /// A frame of a client, masked as it must be.
    func clientFrame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false
    ) -> [UInt8] {
        let key: UInt32 = 0x1234_5678
        let header = WebSocketFrameHeader(
            opcode, payloadLength: payload.count, isFinal: isFinal, isCompressed: isCompressed, maskingKey: key)
        var masked = payload
        masked.withUnsafeMutableBytes { WebSocketMask.apply(key, to: $0, offset: 0) }
        return header.encoded + masked
    }

    func clientFrame(_ opcode: WebSocketOpcode, _ text: String) -> [UInt8] { clientFrame(opcode, Array(text.utf8)) }
#endif
