#if NIO
    import NIOCore

    /// Where a reader's pieces go: a handler on its channel.
    ///
    /// The event loop's alone.
    protocol PumpSink: AnyObject {
        /// Whether more bytes may be written without growing a buffer.
        var isWritable: Bool { get }
        /// How pieces are framed.
        var framing: PieceFraming { get }
        /// How many bytes the channel holds for the peer.
        var pendingBytes: Int { get }

        func write(_ bytes: ByteBuffer)
        func writeAndFlush(_ bytes: ByteBuffer)

        /// The source has nothing more; its last piece was written.
        func sourceEnded()
        /// The source called `onReady`; it is pulled right after.
        func sourceIsReady()
        /// Nothing was written for a while, or nothing came: tells how many ticks of the pump have passed.
        func ticked(_ tick: Int)
        /// The peer takes nothing: the connection is to be closed.
        func readerIsStuck()
        /// The host shuts down: the connection is to be ended in order, so that its client comes again.
        func drain()
    }

    /// What stands around a piece on the wire.
    enum PieceFraming {
        /// Nothing.
        case none
        /// A chunk of HTTP/1.1's chunked transfer coding (RFC 9112 §7.1).
        case chunk
    }
#endif
