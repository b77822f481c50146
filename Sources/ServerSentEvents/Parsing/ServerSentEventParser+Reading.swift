extension ServerSentEventParser {
    /// The next event in `bytes`, which lose what was read; nil when all of them have been read.
    ///
    /// This is the form for hot paths. Nothing is allocated or copied for an event that lies in the chunk as a whole and has one
    /// line of data; others are put together in memory that the parser uses again.
    ///
    ///     chunk.withUnsafeBytes { bytes in
    ///         var rest = bytes
    ///         while let event = try parser.next(from: &rest) {
    ///             handle(event.data)
    ///         }
    ///     }
    ///
    /// Call it until it returns nil: then the chunk has been read, and may go. The event is valid until the parser is used again
    /// or goes away, and no longer than the chunk.
    ///
    /// - Parameter bytes: The part of the chunk that has not been read; what follows in the stream is given by later calls.
    /// - Throws: ``ServerSentEventError`` with the code ``ServerSentEventError/Code/lineTooLong`` or
    ///   ``ServerSentEventError/Code/eventTooLarge``, and the same again when the parser is used after that.
    public mutating func next(
        from bytes: inout UnsafeRawBufferPointer
    ) throws(ServerSentEventError) -> BorrowedServerSentEvent? {
        guard let block = try advance(&bytes) else { return nil }
        return BorrowedServerSentEvent(data: block.data, type: typeName(of: block), lastEventID: id.bytes)
    }

    /// The next event in `bytes`, which lose what was read, with text of its own; nil when all of them have been read.
    ///
    /// As ``next(from:)``, for callers that keep the event. The name and the id are shared by events that have the same ones, so
    /// that an event costs one allocation as a rule, for its data.
    ///
    /// - Throws: As ``next(from:)``.
    public mutating func nextEvent(
        from bytes: inout UnsafeRawBufferPointer
    ) throws(ServerSentEventError) -> ServerSentEvent? {
        guard let block = try advance(&bytes) else { return nil }
        return event(of: block)
    }

    /// Reads a chunk and adds its events to `events`; those before an error, too.
    ///
    /// - Throws: ``ServerSentEventError`` with the code ``ServerSentEventError/Code/lineTooLong`` or
    ///   ``ServerSentEventError/Code/eventTooLarge``, and the same again when the parser is used after that.
    public mutating func parse(
        _ bytes: UnsafeRawBufferPointer, into events: inout [ServerSentEvent]
    ) throws(ServerSentEventError) {
        var rest = bytes
        while let block = try advance(&rest) {
            events.append(event(of: block))
        }
    }

    /// Reads a chunk and adds its events to `events`; those before an error, too.
    ///
    /// - Throws: As ``parse(_:into:)-(UnsafeRawBufferPointer,_)``.
    public mutating func parse(_ bytes: RawSpan, into events: inout [ServerSentEvent]) throws(ServerSentEventError) {
        try bytes.withUnsafeBytes { buffer throws(ServerSentEventError) in
            try parse(buffer, into: &events)
        }
    }

    /// Reads a chunk and adds its events to `events`; those before an error, too.
    ///
    /// - Parameters:
    ///   - bytes: An array, a slice, a buffer of any kind. One that does not lie in memory in one piece is copied first.
    ///   - events: Where the events are added.
    /// - Throws: As ``parse(_:into:)-(UnsafeRawBufferPointer,_)``.
    @inlinable
    public mutating func parse(
        _ bytes: some Sequence<UInt8>, into events: inout [ServerSentEvent]
    ) throws(ServerSentEventError) {
        try withContiguousBytes(of: bytes) { buffer throws(ServerSentEventError) in
            try parse(buffer, into: &events)
        }
    }

    /// Reads a chunk and calls `body` with each of its events, whose bytes are valid during the call.
    ///
    /// ``next(from:)`` does the same for callers that may throw or stop in between.
    ///
    /// - Parameters:
    ///   - bytes: An array, a slice, a buffer of any kind. One that does not lie in memory in one piece is copied first.
    ///   - body: Is called with each event.
    /// - Throws: As ``parse(_:into:)-(UnsafeRawBufferPointer,_)``, after the calls for the events before.
    @inlinable
    public mutating func parse(
        _ bytes: some Sequence<UInt8>, _ body: (BorrowedServerSentEvent) -> Void
    ) throws(ServerSentEventError) {
        try withContiguousBytes(of: bytes) { buffer throws(ServerSentEventError) in
            var rest = buffer
            while let event = try next(from: &rest) {
                body(event)
            }
        }
    }

    /// A block as an event that owns its text.
    @inline(__always)
    private mutating func event(of block: DispatchedBlock) -> ServerSentEvent {
        ServerSentEvent(
            type: block.hasType ? typeText ?? readType(of: block) : "message",
            data: String(repairing: block.data),
            lastEventID: id.count == 0 ? "" : idText ?? readID())
    }

    private mutating func readType(of block: DispatchedBlock) -> String {
        let text = String(repairing: typeName(of: block))
        typeText = text
        return text
    }

    private mutating func readID() -> String {
        let text = String(repairing: id.bytes)
        idText = text
        return text
    }
}

/// Calls `body` with the bytes in one piece.
@inlinable
func withContiguousBytes(
    of bytes: some Sequence<UInt8>, _ body: (UnsafeRawBufferPointer) throws(ServerSentEventError) -> Void
) throws(ServerSentEventError) {
    // The sequence's method throws whatever its closure throws, but untyped: the error comes back as a result. As a variable that the
    // closure sets it would come back as garbage, without an error: Swift 6.3.1 miscompiles that when it optimizes.
    let result = bytes.withContiguousStorageIfAvailable { attempt(body, UnsafeRawBufferPointer($0)) }
    if let result { return try result.get() }
    try ContiguousArray(bytes).withUnsafeBytes { attempt(body, $0) }.get()
}

@inlinable
func attempt(
    _ body: (UnsafeRawBufferPointer) throws(ServerSentEventError) -> Void, _ bytes: UnsafeRawBufferPointer
) -> Result<Void, ServerSentEventError> {
    do throws(ServerSentEventError) {
        return .success(try body(bytes))
    } catch {
        return .failure(error)
    }
}
