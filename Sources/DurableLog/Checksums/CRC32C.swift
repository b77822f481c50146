import CChecksums

/// The CRC-32C checksum (Castagnoli polynomial; RFC 3720 §12.1), eight bytes a step: by the processor's instruction where it has one, else by tables.
package struct CRC32C: Sendable, Hashable {
    private var state: UInt32 = ~0

    /// The checksum of nothing so far.
    package init() {}

    /// The checksum of some bytes.
    package init(of bytes: UnsafeRawBufferPointer) {
        update(bytes)
    }

    /// The checksum of some bytes.
    package init(of bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The checksum of everything that was added.
    package var value: UInt32 { ~state }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if CRC32C.hasInstruction {
            state = checksums_crc32c(state, bytes.baseAddress, bytes.count)
        } else {
            updateByTable(bytes)
        }
    }

    private static let hasInstruction = checksums_has_crc32c()

    /// As ``update(_:)-(UnsafeRawBufferPointer)``, where the processor has no instruction for it.
    package mutating func updateByTable(_ bytes: UnsafeRawBufferPointer) {
        var crc = state
        // Safe: the table has 8 × 256 entries and every index is a byte plus a multiple of 256 below 8 × 256.
        CRC32C.table.withUnsafeBufferPointer { table in
            var position = 0
            while bytes.count - position >= 8 {
                let low = crc ^ UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
                crc =
                    table[1792 + Int(low & 255)] ^ table[1536 + Int(low >> 8 & 255)]
                    ^ table[1280 + Int(low >> 16 & 255)] ^ table[1024 + Int(low >> 24)]
                    ^ table[768 + Int(high & 255)] ^ table[512 + Int(high >> 8 & 255)]
                    ^ table[256 + Int(high >> 16 & 255)] ^ table[Int(high >> 24)]
                position += 8
            }
            while position < bytes.count {
                crc = table[Int((crc ^ UInt32(bytes[position])) & 255)] ^ crc >> 8
                position += 1
            }
        }
        state = crc
    }

    /// Adds text as UTF-8.
    package mutating func update(_ text: String) {
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if isContiguous == nil { for byte in text.utf8 { withUnsafeBytes(of: byte) { update($0) } } }
    }

    /// Adds a number's eight bytes, the lowest first.
    package mutating func update(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { update($0) }
    }

    /// Adds two numbers, each as its eight bytes, the lowest first.
    package mutating func update(_ first: UInt64, _ second: UInt64) {
        // A tuple of two numbers of eight bytes has no gaps.
        withUnsafeBytes(of: (first.littleEndian, second.littleEndian)) { update($0) }
    }

    // Table k holds the checksums of a byte that k zero bytes follow.
    private static let table: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0x82F6_3B78 ^ crc >> 1 : crc >> 1 }
            table[byte] = crc
        }
        for index in 256..<table.count {
            let before = table[index - 256]
            table[index] = table[Int(before & 255)] ^ before >> 8
        }
        return table
    }()
}
