internal import StreamCore

/// Where in an event's data the text is that was all it brought.
struct RepeatableText: Sendable {
    // An address and not a pointer: it is compared with that of the data while both are there, and never followed.
    private let address: UInt
    private let count: Int

    /// The text of a string, or nil when there is none to repeat.
    init?(_ node: JSONNode?) {
        guard let bytes = node?.rawBytes, !bytes.isEmpty else { return nil }
        address = UInt(bitPattern: bytes.baseAddress)
        count = bytes.count
    }

    /// The place of the text within the data.
    func range(in data: UnsafeRawBufferPointer) -> Range<Int>? {
        let start = UInt(bitPattern: data.baseAddress)
        guard address >= start, address + UInt(count) <= start + UInt(data.count) else { return nil }
        return Int(address - start)..<Int(address - start) + count
    }
}

/// The last event, when the next one may differ from it by its text alone: most events of a stream do.
///
/// Such an event need not be parsed again. What stands before and after the text are the same bytes, which have been found to be
/// valid; the text itself is plain: valid UTF-8 without quotes, escapes and control characters.
struct RepeatedEvent: Sendable {
    private var prefix: [UInt8] = []
    private var suffix: [UInt8] = []
    private var isSet = false
    /// Whether white space in the suffix means nothing, as it has no more strings: Anthropic pads its events with it.
    private var ignoresSpace = false
    /// How often in a row it was of no use: some streams have a number in each event.
    private var misses = 0
    private static let maxMisses = 16
    private static let maxLength = 4_096

    /// Remembers nothing.
    init() {}

    /// Never remembers anything, so that every event is parsed.
    static let disabled: RepeatedEvent = {
        var event = RepeatedEvent()
        event.misses = maxMisses
        return event
    }()

    mutating func forget() {
        isSet = false
    }

    /// Remembers an event by the place of its text.
    mutating func remember(_ data: UnsafeRawBufferPointer, _ text: RepeatableText) {
        guard misses < RepeatedEvent.maxMisses, data.count <= RepeatedEvent.maxLength, let range = text.range(in: data)
        else { return }
        misses += 1
        prefix.removeAll(keepingCapacity: true)
        prefix.append(contentsOf: data[..<range.lowerBound])
        suffix.removeAll(keepingCapacity: true)
        suffix.append(contentsOf: data[range.upperBound...])
        ignoresSpace = !suffix.dropFirst().contains(UInt8(ascii: "\""))
        isSet = true
    }

    /// The text of an event that is the remembered one but for it, or nil when it has to be parsed.
    @inline(__always)
    mutating func text(of data: UnsafeRawBufferPointer) -> String? {
        let start = prefix.count
        var isASCII = true
        guard isSet, data.count > start + 1,
            prefix.withUnsafeBytes({ RepeatedEvent.areEqual($0, data, count: start) }),
            let end = RepeatedEvent.plainEnd(in: data, from: start, &isASCII), end > start,
            matchesSuffix(data, from: end)
        else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: data[start..<end])
        guard !isASCII else {
            misses = 0
            return String(decoding: bytes, as: UTF8.self)
        }
        // Generic code of the standard library, and slow: only for text that may be invalid.
        guard let text = String(validating: bytes.assumingMemoryBound(to: UInt8.self), as: UTF8.self) else {
            return nil
        }
        misses = 0
        return text
    }

    private func matchesSuffix(_ data: UnsafeRawBufferPointer, from start: Int) -> Bool {
        if data.count - start == suffix.count {
            let isEqual = suffix.withUnsafeBytes {
                RepeatedEvent.areEqual($0, UnsafeRawBufferPointer(rebasing: data[start...]), count: $0.count)
            }
            if isEqual { return true }
        }
        guard ignoresSpace else { return false }
        var place = 0
        for byte in data[start...] where byte != 0x20 {
            while place < suffix.count, suffix[place] == 0x20 { place += 1 }
            guard place < suffix.count, suffix[place] == byte else { return false }
            place += 1
        }
        return !suffix[place...].contains { $0 != 0x20 }
    }

    /// Where the string ends whose content begins at `start`, when its end is a quote and nothing before it is escaped.
    @inline(__always)
    private static func plainEnd(
        in data: UnsafeRawBufferPointer, from start: Int, _ isASCII: inout Bool
    ) -> Int? {
        var place = start
        var all: UInt8 = 0
        while place < data.count {
            let byte = data[place]
            if byte == UInt8(ascii: "\"") {
                isASCII = all < 0x80
                return place
            }
            all |= byte
            if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
            place += 1
        }
        return nil
    }

    /// Whether the first `count` bytes of both, which have as many, are the same.
    @inline(__always)
    private static func areEqual(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, count: Int
    ) -> Bool {
        var place = 0
        while place + 8 <= count {
            // In bounds: the line above says so.
            let one = left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            guard one == right.loadUnaligned(fromByteOffset: place, as: UInt64.self) else { return false }
            place += 8
        }
        while place < count {
            guard left[place] == right[place] else { return false }
            place += 1
        }
        return true
    }
}
