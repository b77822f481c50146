/// What an empty line dispatched.
struct DispatchedBlock {
    let data: UnsafeRawBufferPointer
    /// Whether the block named its event; the name is the parser's `typeName` then.
    let hasType: Bool
}

/// Lines that lie in a chunk as a whole are read here, where they are.
extension ServerSentEventParser {
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Reads up to the end of the next block that dispatches an event, or of the input; removes what was read from `input`.
    @inline(__always)
    mutating func advance(_ input: inout UnsafeRawBufferPointer) throws(ServerSentEventError) -> DispatchedBlock? {
        if let failure { throw failure }
        guard let base = input.baseAddress, !input.isEmpty else { return nil }
        let end = base + input.count
        let start = position
        var here = base
        if place != .lineStart { here = try resumeLine(from: base, to: end) }

        // The block's only data line so far, as long as it can stay in the chunk.
        var slice = UnsafeRawBufferPointer(start: nil, count: 0)
        while here < end {
            let first = here.load(as: UInt8.self)
            if first == Self.lineFeed || first == Self.carriageReturn {
                here = passBreak(at: here, end: end)
                guard let block = endBlock(slice: slice) else { continue }
                position = start &+ Int64(here - base)
                input = UnsafeRawBufferPointer(start: here, count: end - here)
                return block
            }
            if typeLineIsWhole, let known = matchTypeLine(at: here, end: end) {
                hasType = true
                here = known
                continue
            }
            guard let lineEnd = ByteSearch.lineBreak(from: here, to: end) else {
                keep(&slice)
                try readPart(from: here, to: end, at: start &+ Int64(here - base))
                break
            }
            let length = lineEnd - here
            if length >= 5, Self.begins(here, with: "data"), here.load(fromByteOffset: 4, as: UInt8.self) == Self.colon
            {
                let value = Self.value(from: here + 5, to: lineEnd)
                if slice.baseAddress == nil, !hasData, value.count <= limits.line, value.count <= limits.event {
                    slice = value
                } else {
                    keep(&slice)
                    try addDataLine(value, at: start &+ Int64(lineEnd - base - value.count))
                }
            } else if first == Self.colon {
                commentCount &+= 1
            } else if length >= 6, Self.begins(here, with: "even"), Self.begins(here + 2, with: "ent:") {
                try setType(line: here, to: lineEnd, at: start &+ Int64(here - base))
            } else {
                // `data` without a colon.
                if first == UInt8(ascii: "d") { keep(&slice) }
                try readPart(from: here, to: lineEnd, at: start &+ Int64(here - base))
                try endLine(at: start &+ Int64(lineEnd - base))
            }
            here = passBreak(at: lineEnd, end: end)
        }
        keep(&slice)
        position = start &+ Int64(input.count)
        input = UnsafeRawBufferPointer(start: end, count: 0)
        return nil
    }

    /// The name of a block's event.
    @inline(__always)
    func typeName(of block: DispatchedBlock) -> UnsafeRawBufferPointer {
        if !block.hasType {
            let name: StaticString = "message"
            return UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        }
        return UnsafeRawBufferPointer(rebasing: typeLine.bytes[typeOffset..<(typeLine.count - 1)])
    }

    /// Reads the rest of a line that an earlier chunk began, with its end; returns where the next line starts.
    private mutating func resumeLine(
        from base: UnsafeRawPointer, to end: UnsafeRawPointer
    ) throws(ServerSentEventError) -> UnsafeRawPointer {
        var here = base
        if place == .streamStart { here = passByteOrderMark(from: here, to: end) }
        if place == .afterCarriageReturn {
            place = .lineStart
            if here.load(as: UInt8.self) == Self.lineFeed { here += 1 }
        }
        guard place != .lineStart, place != .streamStart else { return here }
        guard let lineEnd = ByteSearch.lineBreak(from: here, to: end) else {
            try consume(from: here, to: end, at: position &+ Int64(here - base))
            return end
        }
        try consume(from: here, to: lineEnd, at: position &+ Int64(here - base))
        try endLine(at: position &+ Int64(lineEnd - base))
        return passBreak(at: lineEnd, end: end)
    }

    /// Leaves out a byte order mark, of which earlier chunks may have brought a part.
    private mutating func passByteOrderMark(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer
    {
        let mark: StaticString = "\u{FEFF}"
        var here = start
        while here < end, here.load(as: UInt8.self) == mark.utf8Start[byteOrderMarkCount] {
            here += 1
            byteOrderMarkCount += 1
            if byteOrderMarkCount == mark.utf8CodeUnitCount {
                place = .lineStart
                return here
            }
        }
        // A part of a mark that goes on otherwise begins the name of a field that means nothing.
        if here < end { place = byteOrderMarkCount == 0 ? .lineStart : .ignored }
        return here
    }

    /// Where the next line starts, after the break at `lineBreak`.
    @inline(__always)
    private mutating func passBreak(at lineBreak: UnsafeRawPointer, end: UnsafeRawPointer) -> UnsafeRawPointer {
        place = .lineStart
        let next = lineBreak + 1
        guard lineBreak.load(as: UInt8.self) == Self.carriageReturn else { return next }
        guard next < end else {
            place = .afterCarriageReturn
            return next
        }
        return next.load(as: UInt8.self) == Self.lineFeed ? next + 1 : next
    }

    /// Where the line ends, break included, that is the same as the last `event` line; nil when it is another one.
    @inline(__always)
    private func matchTypeLine(at here: UnsafeRawPointer, end: UnsafeRawPointer) -> UnsafeRawPointer? {
        let known = typeLine.bytes
        guard end - here >= known.count, ByteSearch.areEqual(here, known.baseAddress!, count: known.count) else {
            return nil
        }
        return here + known.count
    }

    /// Takes the id of the block, and what it dispatches, if anything.
    @inline(__always)
    private mutating func endBlock(slice: UnsafeRawBufferPointer) -> DispatchedBlock? {
        if hasPendingID { commitID() }
        let hadType = hasType
        hasType = false
        if slice.baseAddress != nil { return DispatchedBlock(data: slice, hasType: hadType) }
        guard hasData else { return nil }
        hasData = false
        return DispatchedBlock(data: data.bytes, hasType: hadType)
    }

    private mutating func commitID() {
        hasPendingID = false
        swap(&id, &pendingID)
        idText = nil
    }

    /// Copies the data line that lies in the chunk: the chunk ends, or another line is joined to it.
    @inline(__always)
    private mutating func keep(_ slice: inout UnsafeRawBufferPointer) {
        guard let start = slice.baseAddress else { return }
        data.removeAll()
        data.append(start, count: slice.count)
        hasData = true
        slice = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private mutating func addDataLine(_ value: UnsafeRawBufferPointer, at start: Int64) throws(ServerSentEventError) {
        try beginValue(of: .data, at: start)
        try append(value, at: start)
    }

    /// Takes a whole `event:` line.
    private mutating func setType(
        line: UnsafeRawPointer, to lineEnd: UnsafeRawPointer, at start: Int64
    ) throws(ServerSentEventError) {
        let value = Self.value(from: line + 6, to: lineEnd)
        if typeLineIsWhole, value.count == typeLine.count - 1 - typeOffset,
            ByteSearch.areEqual(value.baseAddress!, typeLine.bytes.baseAddress! + typeOffset, count: value.count)
        {
            hasType = true
            return
        }
        guard value.count <= limits.line else {
            throw fail(
                .lineTooLong(limit: limits.line, position: start &+ Int64(value.baseAddress! + limits.line - line)))
        }
        typeLine.removeAll()
        typeLine.append(line, count: lineEnd - line)
        typeLine.append(Self.lineFeed)
        typeOffset = lineEnd - line - value.count
        typeText = nil
        hasType = !value.isEmpty
        typeLineIsWhole = hasType
    }

    /// Whether the four bytes at `place` are those of `name`.
    @inline(__always)
    private static func begins(_ place: UnsafeRawPointer, with name: StaticString) -> Bool {
        place.loadUnaligned(as: UInt32.self) == UnsafeRawPointer(name.utf8Start).loadUnaligned(as: UInt32.self)
    }

    /// A value without the one space that may stand before it.
    @inline(__always)
    private static func value(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        let isSpaced = start < end && start.load(as: UInt8.self) == space
        return UnsafeRawBufferPointer(start: isSpaced ? start + 1 : start, count: end - start - (isSpaced ? 1 : 0))
    }
}
