/// Lines are read here in parts: those that are cut by the end of a chunk, and the rare ones.
extension ServerSentEventParser {
    static let colon = UInt8(ascii: ":")
    static let space = UInt8(ascii: " ")

    /// The largest reconnection time in milliseconds: integers up to it are exact wherever JSON is read.
    static let longestReconnection: Int64 = 1 << 53 - 1

    /// Reads the first part of a line, or all of it but its break.
    mutating func readPart(
        from start: UnsafeRawPointer, to end: UnsafeRawPointer, at position: Int64
    ) throws(ServerSentEventError) {
        place = .fieldName
        fieldName = 0
        fieldNameCount = 0
        try consume(from: start, to: end, at: position)
    }

    /// Reads bytes of a line that have no line break in them.
    ///
    /// - Parameter position: Where `start` is in the stream.
    mutating func consume(
        from start: UnsafeRawPointer, to end: UnsafeRawPointer, at position: Int64
    ) throws(ServerSentEventError) {
        var here = start
        while place == .fieldName, here < end {
            readNameByte(here.load(as: UInt8.self))
            here += 1
        }
        if place == .valueStart, here < end {
            if here.load(as: UInt8.self) == Self.space { here += 1 }
            try beginValue(of: field, at: position &+ Int64(here - start))
            place = .value
        }
        if place == .value {
            try append(UnsafeRawBufferPointer(start: here, count: end - here), at: position &+ Int64(here - start))
        }
    }

    private mutating func readNameByte(_ byte: UInt8) {
        if byte == Self.colon {
            if fieldNameCount == 0 { commentCount &+= 1 }
            place = takeFieldName() ? .valueStart : .ignored
        } else if fieldNameCount == 5 {
            place = .ignored
        } else {
            fieldName |= UInt64(byte) << (8 * UInt64(fieldNameCount))
            fieldNameCount += 1
        }
    }

    /// Whether the name that was read is that of a field that means something, which becomes the field of the line.
    private mutating func takeFieldName() -> Bool {
        switch fieldName {
        case 0x6174_6164: field = .data
        case 0x74_6E65_7665: field = .event
        case 0x6469: field = .id
        case 0x79_7274_6572: field = .retry
        default: return false
        }
        // NUL bytes after a name leave the number as it is.
        let count = field == .id ? 2 : field == .data ? 4 : 5
        return fieldNameCount == count
    }

    /// Prepares for the value of a line.
    ///
    /// - Parameter position: Where the value starts in the stream.
    mutating func beginValue(of field: Field, at position: Int64) throws(ServerSentEventError) {
        self.field = field
        valueCount = 0
        switch field {
        case .data:
            if hasData {
                guard data.count < limits.event else {
                    throw fail(.eventTooLarge(limit: limits.event, position: position))
                }
                data.append(UInt8(ascii: "\n"))
            } else {
                data.removeAll()
                hasData = true
            }
        case .event:
            let prefix: StaticString = "event: "
            typeLine.removeAll()
            typeLine.append(UnsafeRawPointer(prefix.utf8Start), count: prefix.utf8CodeUnitCount)
            typeOffset = prefix.utf8CodeUnitCount
            typeLineIsWhole = false
            typeText = nil
            hasType = false
        case .id:
            partialID.removeAll()
            partialIDHasNUL = false
        case .retry:
            partialRetry = 0
        }
    }

    /// Adds to the value of a line.
    ///
    /// - Parameter position: Where `bytes` are in the stream.
    mutating func append(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(ServerSentEventError) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        if field == .retry { return appendRetry(bytes) }
        let roomInLine = limits.line - valueCount
        let roomInEvent = field == .data ? limits.event - data.count : .max
        guard bytes.count <= min(roomInLine, roomInEvent) else {
            throw fail(
                roomInLine <= roomInEvent
                    ? .lineTooLong(limit: limits.line, position: position &+ Int64(roomInLine))
                    : .eventTooLarge(limit: limits.event, position: position &+ Int64(roomInEvent)))
        }
        valueCount += bytes.count
        switch field {
        case .data:
            data.append(start, count: bytes.count)
        case .event:
            typeLine.append(start, count: bytes.count)
        case .id:
            partialID.append(start, count: bytes.count)
            if bytes.contains(0) { partialIDHasNUL = true }
        case .retry:
            break
        }
    }

    private mutating func appendRetry(_ bytes: UnsafeRawBufferPointer) {
        valueCount = 1
        for byte in bytes {
            guard let value = partialRetry else { return }
            let digit = Int64(byte) - 0x30
            partialRetry = (0...9).contains(digit) ? min(value * 10 + digit, Self.longestReconnection) : nil
        }
    }

    /// Ends a line that was read in parts.
    ///
    /// - Parameter position: Where its break is in the stream.
    mutating func endLine(at position: Int64) throws(ServerSentEventError) {
        if place == .fieldName, takeFieldName() { place = .valueStart }
        if place == .valueStart {
            try beginValue(of: field, at: position)
            place = .value
        }
        guard place == .value else { return }
        switch field {
        case .data:
            break
        case .event:
            typeLine.append(UInt8(ascii: "\n"))
            hasType = valueCount > 0
            typeLineIsWhole = hasType
        case .id:
            guard !partialIDHasNUL else { return }
            swap(&pendingID, &partialID)
            hasPendingID = true
        case .retry:
            if valueCount > 0, let partialRetry { reconnectionMilliseconds = partialRetry }
        }
    }

    /// Remembers the failure, so that every later call throws it again.
    mutating func fail(_ error: ServerSentEventError) -> ServerSentEventError {
        failure = error
        position = error.position ?? position
        return error
    }
}
