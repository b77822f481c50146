#if NIO
    package import NIOCore
    package import WireProtocols

    /// How a WebSocket connection over NIO is run.
    package struct WebSocketConfiguration: Sendable {
        /// How large frames and messages may be.
        package var limits = WebSocketLimits()
        /// What was agreed about compression.
        package var deflate: PerMessageDeflate?
        /// Messages of fewer bytes are not compressed: deflate gains nothing on them but costs some 10 µs each.
        package var compressionThreshold = 256
        /// zlib's level, 1 … 9: 1 is half as costly as the customary 6 and a tenth larger on JSON.
        package var compressionLevel = 1
        /// The largest payload of a frame that is sent; longer messages are fragmented.
        package var outgoingFrameSize = 1 << 20
        /// How long the peer may be silent before it is sent a ping.
        package var pingInterval: TimeAmount?
        /// From a ping until any sign of life.
        package var pongTimeout: TimeAmount?
        /// From this end's close frame until the connection is cut.
        package var closeTimeout: TimeAmount?

        package init() {}
    }
#endif
