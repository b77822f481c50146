#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How many of the possible faults are tried: all of them where the code is optimized, as in the gate's stage `optimized`; elsewhere one in so many.
enum Density {
    #if DEBUG
        private static let isOptimized = false
    #else
        private static let isOptimized = true
    #endif
    private static let isSanitized = getenv("SANITIZER") != nil
    private static let isExhaustive = getenv("EXHAUSTIVE") != nil || (isOptimized && !isSanitized)

    /// Each how manieth bit is flipped; no divisor of a byte, so that all bits of bytes are met.
    static let bits = isExhaustive ? 1 : isSanitized ? 331 : 37
    /// Each how manieth byte is a place to cut at.
    static let cuts = isExhaustive ? 1 : isSanitized ? 61 : 11
    /// Each how manieth call of a kind fails.
    static let calls = isExhaustive ? 1 : isSanitized ? 61 : 17
    /// How many losses of power are tried at a place.
    static let losses: UInt64 = isExhaustive ? 12 : isSanitized ? 1 : 3
}
