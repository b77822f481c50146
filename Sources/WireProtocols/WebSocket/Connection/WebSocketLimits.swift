/// How large the frames and messages are that one end of a WebSocket takes; beyond it the connection is closed with 1009.
public struct WebSocketLimits: Sendable, Hashable {
    /// The largest number of bytes of a message, put together and decompressed: 16 MiB by default.
    ///
    /// A frame whose header announces more is refused at once. A compressed message may take some more on the wire than it
    /// has when decompressed: a 256th and 1 KiB.
    public var messageSize: Int
    /// The largest number of bytes of a frame's payload on the wire: without a limit of its own by default.
    public var frameSize: Int

    /// Limits from their parts; negative ones count as 0.
    public init(messageSize: Int = 16 << 20, frameSize: Int = .max) {
        self.messageSize = max(0, messageSize)
        self.frameSize = max(0, frameSize)
    }

    /// How many bytes a compressed message may have on the wire: what cannot be compressed grows a little.
    var compressedMessageSize: Int {
        let (sum, overflow) = messageSize.addingReportingOverflow(messageSize >> 8 + 1024)
        return overflow ? .max : sum
    }
}
