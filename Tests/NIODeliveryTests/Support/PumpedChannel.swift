#if NIO
    import NIOCore
    import NIOEmbedded
    import StreamDelivery
    @testable import NIODelivery

    /// A connection without a network whose body is pulled.
    struct PumpedChannel {
        let channel: EmbeddedChannel
        let source: ScriptedSource

        init(
            _ source: ScriptedSource, on loop: EmbeddedEventLoop, pumps: DeliveryPumps, framing: PieceFraming = .chunk
        ) throws {
            self.source = source
            channel = EmbeddedChannel(loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            let handler = BodyChannelHandler(
                source, framing: framing, ownership: .taken(closeTimeout: .seconds(2)), pumps: pumps)
            try channel.pipeline.syncOperations.addHandler(handler)
            handler.begin()
        }

        /// What was written since the last look.
        func sent() throws -> String { try channel.text() }

        func setWritable(_ isWritable: Bool) {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }
    }

    extension EmbeddedChannel {
        /// What was written since the last look, as text.
        func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

        /// What was written since the last look.
        func bytes() throws -> [UInt8] {
            var bytes: [UInt8] = []
            while let buffer = try readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
            return bytes
        }
    }
#endif
