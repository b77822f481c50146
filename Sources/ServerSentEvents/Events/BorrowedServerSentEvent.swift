/// An event whose bytes lie in the chunk that was parsed or in the parser: nothing was copied or allocated for it.
///
/// Its buffers are valid until the parser that gave it is used again or goes away, and no longer than the chunk: read
/// what you need at once, or make a ``ServerSentEvent`` of it.
///
/// The bytes are as they came. They may be invalid UTF-8, which the owned form replaces by U+FFFD.
public struct BorrowedServerSentEvent {
    /// The payload: the values of the block's `data` lines, joined by line feeds.
    public let data: UnsafeRawBufferPointer
    /// The name of the event; the bytes of `message` when the stream gave none or an empty one.
    public let type: UnsafeRawBufferPointer
    /// The last `id` up to and with this block; empty when there was none.
    public let lastEventID: UnsafeRawBufferPointer

    init(data: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer, lastEventID: UnsafeRawBufferPointer) {
        self.data = data
        self.type = type
        self.lastEventID = lastEventID
    }

    /// Whether the event has this name, compared byte by byte.
    public func isType(_ name: StaticString) -> Bool {
        guard name.hasPointerRepresentation else { return type.elementsEqual(String(describing: name).utf8) }
        guard name.utf8CodeUnitCount == type.count else { return false }
        return type.isEmpty
            || ByteSearch.areEqual(type.baseAddress!, UnsafeRawPointer(name.utf8Start), count: type.count)
    }
}

extension ServerSentEvent {
    /// A copy of a borrowed event; what is not valid UTF-8 becomes U+FFFD, as the WHATWG decoder does it.
    public init(_ borrowed: BorrowedServerSentEvent) {
        self.init(
            type: String(repairing: borrowed.type),
            data: String(repairing: borrowed.data),
            lastEventID: String(repairing: borrowed.lastEventID))
    }
}

extension String {
    /// The text of the bytes, each maximal part of an ill-formed sequence replaced by U+FFFD (WHATWG Encoding, "UTF-8 decoder").
    @inline(__always)
    init(repairing bytes: UnsafeRawBufferPointer) {
        self = bytes.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
    }
}
