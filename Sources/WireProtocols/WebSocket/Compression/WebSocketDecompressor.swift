/// Undoes the compression of the messages of one connection, for ``WebSocketMachine``.
public protocol WebSocketDecompressor: AnyObject {
    /// Takes the next piece of a compressed message and appends what it gives.
    ///
    /// - Parameters:
    ///   - bytes: The piece; valid within the call only.
    ///   - output: The message as far as it is decompressed.
    ///   - limit: The largest number of bytes that `output` may have; it must not grow beyond while this is found out.
    /// - Throws: ``WebSocketViolation`` with 1009 beyond the limit, with 1007 for bytes that cannot be decompressed.
    func decompress(
        _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
    ) throws(WebSocketViolation)

    /// The message ends here: appends what is left of it.
    ///
    /// - Throws: As ``decompress(_:into:limit:)``.
    func finishMessage(into output: inout [UInt8], limit: Int) throws(WebSocketViolation)
}
