/// The masking of what a client sends (RFC 6455 §5.3): an exclusive or with four bytes, over and over; done twice, it is undone.
public enum WebSocketMask {
    /// Masks or unmasks bytes where they are.
    ///
    /// - Parameters:
    ///   - bytes: A piece of a frame's payload.
    ///   - key: The masking key, its first byte in the highest place.
    ///   - offset: How many bytes of the payload stand before the piece.
    public static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer, offset: Int = 0) {
        // In memory order, beginning with the byte that belongs to the piece's first.
        let shift = UInt32(truncatingIfNeeded: offset & 3) * 8
        let turned = (key << shift | (shift == 0 ? 0 : key >> (32 - shift))).bigEndian
        let word = UInt64(turned) | UInt64(turned) << 32
        let block = SIMD8(repeating: word)
        var position = 0
        // The loads and stores are of unaligned words within the buffer's bounds.
        while position + 64 <= bytes.count {
            let masked = bytes.loadUnaligned(fromByteOffset: position, as: SIMD8<UInt64>.self) ^ block
            bytes.storeBytes(of: masked, toByteOffset: position, as: SIMD8<UInt64>.self)
            position += 64
        }
        while position + 8 <= bytes.count {
            let masked = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ word
            bytes.storeBytes(of: masked, toByteOffset: position, as: UInt64.self)
            position += 8
        }
        withUnsafeBytes(of: turned) { key in
            while position < bytes.count {
                bytes[position] ^= key[position & 3]
                position += 1
            }
        }
    }
}
