/// How content is cut anew for the eye: models send it as the network and the tokenizer please.
public struct Smoothing: Sendable, Hashable {
    /// What a piece of content is.
    public enum Unit: Sendable, Hashable {
        /// A word with the white space after it; in scripts without spaces (Han, Kana) a character.
        case words
        /// A line with its end.
        case lines
    }

    /// What a piece of content is.
    public var unit: Unit
    /// How long to wait between two pieces, on the agent's clock; zero hands them out as they come.
    ///
    /// While it waits nothing more is read from the model than fits the buffers on the way.
    public var delay: Duration
    /// A piece is handed out at this many characters even where its unit has not ended; at least 1.
    public var longestPiece: Int

    /// A way of cutting content.
    public init(_ unit: Unit, delay: Duration = .zero, longestPiece: Int? = nil) {
        self.unit = unit
        self.delay = max(.zero, delay)
        self.longestPiece = max(1, longestPiece ?? (unit == .words ? 64 : 1024))
    }

    /// Words, without delay.
    public static let words = Smoothing(.words)
    /// Lines, without delay.
    public static let lines = Smoothing(.lines)
}
