import StreamCore

/// Writing numbers and texts as the files have them: little-endian, texts with their length before them.
extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// A text of at most 65,535 bytes.
    mutating func append(text: String) {
        append(number: UInt16(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func append(offset: Offset) {
        append(number: offset.era)
        append(number: offset.index)
    }

    mutating func store<Number: FixedWidthInteger>(_ number: Number, at position: Int) {
        withUnsafeMutableBytes { $0.storeBytes(of: number.littleEndian, toByteOffset: position, as: Number.self) }
    }

    /// Zeros up to the next multiple of eight.
    mutating func pad() {
        while !count.isMultiple(of: 8) { append(0) }
    }
}

/// The same, into room that is there: whoever writes has counted before that all of it fits.
extension UnsafeMutableRawBufferPointer {
    func write<Number: FixedWidthInteger>(number: Number, at position: inout Int) {
        storeBytes(of: number.littleEndian, toByteOffset: position, as: Number.self)
        position += MemoryLayout<Number>.size
    }

    /// A text of at most 65,535 bytes.
    func write(text: String, at position: inout Int) {
        write(number: UInt16(text.utf8.count), at: &position)
        write(text.utf8, at: &position)
    }

    /// A text without its length.
    func write(_ text: String.UTF8View, at position: inout Int) {
        let isContiguous: Void? = text.withContiguousStorageIfAvailable {
            write(UnsafeRawBufferPointer($0), at: &position)
        }
        if isContiguous == nil { for byte in text { write(number: byte, at: &position) } }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at position: inout Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[position..<position + bytes.count]).copyMemory(from: bytes)
        position += bytes.count
    }
}

/// Reads what the extensions above write; whatever the bytes are, it ends with a value or nil.
struct LittleEndianReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    /// Reads within the call that the bytes are valid for; `position` is within them.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var rest: Int { bytes.count - position }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
        guard rest >= MemoryLayout<Number>.size else { return nil }
        defer { position += MemoryLayout<Number>.size }
        // Within the bytes, as was just checked; a number may stand at any place.
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    mutating func slice(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, rest >= count else { return nil }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func text() -> String? {
        number(UInt16.self).flatMap { slice(Int($0)) }.map { String(decoding: $0, as: UTF8.self) }
    }

    mutating func offset() -> Offset? {
        guard let era = number(UInt32.self), let index = number(UInt64.self) else { return nil }
        return Offset(era: era, index: index)
    }
}
