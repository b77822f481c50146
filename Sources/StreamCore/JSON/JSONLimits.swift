/// How much a JSON text may ask of the reader.
public struct JSONLimits: Sendable, Hashable {
    /// The deepest nesting that can be configured: 1024, so that walking a value never exhausts a thread's stack.
    public static let deepest = 1024

    /// How many arrays and objects may be open at once, 0 … ``deepest``.
    public let maxDepth: Int
    /// How many bytes a text may have, 0 … 2³¹ − 1.
    public let maxBytes: Int

    /// Limits from their parts; values outside their ranges are moved to the nearest allowed one.
    ///
    /// A parsed text takes up to 16 bytes of working memory per byte (`[[[[…`) besides itself.
    public init(maxDepth: Int = 128, maxBytes: Int = 64 << 20) {
        self.maxDepth = min(max(0, maxDepth), JSONLimits.deepest)
        self.maxBytes = min(max(0, maxBytes), Int(Int32.max))
    }

    /// 128 levels, 64 MiB.
    public static let `default` = JSONLimits()
}
