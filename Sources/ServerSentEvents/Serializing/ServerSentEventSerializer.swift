/// Writes event streams (WHATWG HTML §9.2.5) into arrays of bytes.
///
/// Everything is checked before anything is written: when a function throws, the output is as it was. Whatever the payload, a reader
/// gets one event: payloads are split into lines, and names and ids that would break out of theirs are refused.
///
/// An event stream knows one kind of line break within data: CR, LF and CRLF in a payload all arrive as LF. Payloads that must arrive byte for
/// byte need an encoding of their own without raw line breaks, such as JSON.
public enum ServerSentEventSerializer {
    /// Adds an event.
    ///
    /// - Parameters:
    ///   - data: The payload, in one piece or as its UTF-8; one `data` line is written for each of its lines.
    ///   - type: The event's name; nil, `""` and `"message"` mean the same to readers and write none.
    ///   - id: The cursor that the event moves readers to; `""` makes them forget theirs, nil leaves it.
    ///   - retry: How long readers wait before they connect again, cut to whole milliseconds, at most 2⁵³ − 1 of them.
    ///   - output: Where the bytes are added.
    /// - Throws: ``ServerSentEventError`` with the code ``ServerSentEventError/Code/invalidType``, ``ServerSentEventError/Code/invalidID``
    ///   or ``ServerSentEventError/Code/invalidRetry``.
    @inlinable
    public static func append(
        data: some Sequence<UInt8>, type: String? = nil, id: String? = nil, retry: Duration? = nil,
        to output: inout [UInt8]
    ) throws(ServerSentEventError) {
        try withContiguousBytes(of: data) { bytes throws(ServerSentEventError) in
            try append(data: bytes, type: type, id: id, retry: retry, to: &output)
        }
    }

    /// Adds an event.
    ///
    /// - Parameters:
    ///   - data: The payload; one `data` line is written for each of its lines.
    ///   - type: The event's name; nil, `""` and `"message"` mean the same to readers and write none.
    ///   - id: The cursor that the event moves readers to; `""` makes them forget theirs, nil leaves it.
    ///   - retry: How long readers wait before they connect again, cut to whole milliseconds, at most 2⁵³ − 1 of them.
    ///   - output: Where the bytes are added.
    /// - Throws: As ``append(data:type:id:retry:to:)-(Sequence<UInt8>,_,_,_,_)``.
    public static func append(
        data: String, type: String? = nil, id: String? = nil, retry: Duration? = nil, to output: inout [UInt8]
    ) throws(ServerSentEventError) {
        try append(data: data.utf8, type: type, id: id, retry: retry, to: &output)
    }

    /// Adds an event.
    ///
    /// - Parameters:
    ///   - data: The payload's bytes; one `data` line is written for each of its lines.
    ///   - type: The event's name; nil, `""` and `"message"` mean the same to readers and write none.
    ///   - id: The cursor that the event moves readers to; `""` makes them forget theirs, nil leaves it.
    ///   - retry: How long readers wait before they connect again, cut to whole milliseconds, at most 2⁵³ − 1 of them.
    ///   - output: Where the bytes are added.
    /// - Throws: As ``append(data:type:id:retry:to:)-(Sequence<UInt8>,_,_,_,_)``.
    public static func append(
        data: UnsafeRawBufferPointer, type: String? = nil, id: String? = nil, retry: Duration? = nil,
        to output: inout [UInt8]
    ) throws(ServerSentEventError) {
        if let type { try check(type: type) }
        if let id { try check(id: id) }
        let milliseconds = try retry.map { time throws(ServerSentEventError) in try wholeMilliseconds(of: time) }
        if let id { appendField("id: ", id, to: &output) }
        if let type, !type.isEmpty, type != "message" { appendField("event: ", type, to: &output) }
        if let milliseconds { appendField("retry: ", String(milliseconds), to: &output) }
        appendLines(of: data, prefix: "data: ", to: &output)
        output.append(lineFeed)
    }

    /// Adds an event as a reader saw it.
    ///
    /// - Parameters:
    ///   - event: The event; its id is written when it is not the one before.
    ///   - lastEventID: Where readers are before the event.
    ///   - output: Where the bytes are added.
    /// - Throws: As ``append(data:type:id:retry:to:)-(Sequence<UInt8>,_,_,_,_)``.
    public static func append(
        _ event: ServerSentEvent, after lastEventID: String = "", to output: inout [UInt8]
    ) throws(ServerSentEventError) {
        try append(
            data: event.data, type: event.type,
            id: event.lastEventID.utf8.elementsEqual(lastEventID.utf8) ? nil : event.lastEventID, to: &output)
    }

    /// Adds a block that dispatches nothing and moves readers' cursors.
    ///
    /// - Throws: ``ServerSentEventError`` with the code ``ServerSentEventError/Code/invalidID``.
    public static func appendCursor(id: String, to output: inout [UInt8]) throws(ServerSentEventError) {
        try check(id: id)
        appendField("id: ", id, to: &output)
        output.append(lineFeed)
    }

    /// Adds a comment, which readers ignore: it shows that the connection is alive.
    ///
    /// - Parameters:
    ///   - text: The comment; a line is written for each of its lines.
    ///   - output: Where the bytes are added.
    public static func appendComment(_ text: String = "", to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendLines(of: UnsafeRawBufferPointer($0), prefix: ": ", to: &output) }
        output.append(lineFeed)
    }

    /// Adds how long readers wait before they connect again, cut to whole milliseconds, at most 2⁵³ − 1 of them.
    ///
    /// - Throws: ``ServerSentEventError`` with the code ``ServerSentEventError/Code/invalidRetry`` when the time is negative.
    public static func appendRetry(_ time: Duration, to output: inout [UInt8]) throws(ServerSentEventError) {
        appendField("retry: ", String(try wholeMilliseconds(of: time)), to: &output)
        output.append(lineFeed)
    }

    private static let lineFeed = UInt8(ascii: "\n")

    private static func check(type: String) throws(ServerSentEventError) {
        guard let place = type.utf8.firstOffset(where: { $0 == 0x0A || $0 == 0x0D }) else { return }
        throw ServerSentEventError(
            .invalidType,
            "the event's name has a line break at byte \(place), which would begin another field: remove it",
            position: place)
    }

    private static func check(id: String) throws(ServerSentEventError) {
        guard let place = id.utf8.firstOffset(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else { return }
        throw ServerSentEventError(
            .invalidID,
            "the id has a line break or a NUL at byte \(place), which readers would not take as a part of it: remove it",
            position: place)
    }

    private static func wholeMilliseconds(of time: Duration) throws(ServerSentEventError) -> Int64 {
        guard time >= .zero else {
            throw ServerSentEventError(.invalidRetry, "the reconnection time \(time) is negative: give zero or more")
        }
        let longest = ServerSentEventParser.longestReconnection
        guard time < .milliseconds(longest) else { return longest }
        let (seconds, attoseconds) = time.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    private static func appendField(_ name: StaticString, _ value: String, to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        output.append(contentsOf: value.utf8)
        output.append(lineFeed)
    }

    /// Adds a line for each line of the text; for an empty text, one without a value.
    private static func appendLines(
        of text: UnsafeRawBufferPointer, prefix: StaticString, to output: inout [UInt8]
    ) {
        let prefix = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        output.reserve(prefix.count + text.count + 2)
        var rest = text[...]
        while true {
            output.append(contentsOf: prefix)
            let line = UnsafeRawBufferPointer(rebasing: rest)
            guard let start = line.baseAddress,
                let lineBreak = ByteSearch.lineBreak(from: start, to: start + line.count)
            else {
                output.append(contentsOf: line)
                output.append(lineFeed)
                return
            }
            let length = lineBreak - start
            output.append(contentsOf: UnsafeRawBufferPointer(start: start, count: length))
            output.append(lineFeed)
            let isPair = line[length] == 0x0D && length + 1 < line.count && line[length + 1] == 0x0A
            rest = rest.dropFirst(length + (isPair ? 2 : 1))
        }
    }
}

extension String.UTF8View {
    /// How far from the start the first byte is that matches.
    fileprivate func firstOffset(where matches: (UInt8) -> Bool) -> Int64? {
        firstIndex(where: matches).map { Int64(distance(from: startIndex, to: $0)) }
    }
}

extension [UInt8] {
    /// Makes room for more bytes; grows by half at least, where `reserveCapacity` alone would make many appends quadratic.
    fileprivate mutating func reserve(_ more: Int) {
        let needed = count + more
        if needed > capacity { reserveCapacity(Swift.max(needed, capacity + capacity / 2)) }
    }
}
