#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A body of any length whose every byte is known, and which no loss, doubling or swap leaves intact.
///
/// The bytes repeat with a prime period of 65,521, so that no power of two hides a displacement.
public enum LoopbackPattern {
    static let period = 65_521
    static let block: [UInt8] = {
        // xorshift: fixed numbers without structure.
        var state: UInt32 = 0x9E37_79B9
        return (0..<period).map { _ in
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return UInt8(truncatingIfNeeded: state)
        }
    }()

    /// The bytes at the given positions, which must not be negative.
    public static func bytes(_ range: Range<Int>) -> [UInt8] {
        range.map { block[$0 % period] }
    }

    /// Whether `bytes` are those that stand at `position` and behind.
    public static func matches(_ bytes: [UInt8], at position: Int) -> Bool {
        // Compared in memory: tests run in debug builds, and bodies are large.
        bytes.withUnsafeBytes { bytes in
            block.withUnsafeBytes { block in
                var start = position % period
                var offset = 0
                while offset < bytes.count {
                    let count = min(bytes.count - offset, period - start)
                    // Both ranges lie within their buffers, by the line above.
                    guard let here = bytes.baseAddress, let there = block.baseAddress,
                        memcmp(here + offset, there + start, count) == 0
                    else { return false }
                    offset += count
                    start = 0
                }
                return true
            }
        }
    }
}
