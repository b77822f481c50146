/// A line at the foot of the terminal that tells how the stream is doing, while text scrolls above it.
///
/// Does nothing where standard output is no terminal. The foot is kept free by a scroll region (DECSTBM).
struct StatusLine {
    private static let interval = Duration.milliseconds(100)

    private let isShown: Bool
    private var rows = 0
    private var lastDrawn: ContinuousClock.Instant?

    /// A line that is shown when `isWanted` and a person looks.
    init(isWanted: Bool) {
        isShown = isWanted && Terminal.isInteractive
    }

    /// Takes the foot of the terminal.
    mutating func open() {
        guard isShown else { return }
        rows = Terminal.size.rows
        // A new line, so that the foot holds no text; then the region, which homes the cursor; then back up.
        Terminal.write("\n\u{1B}[1A\u{1B}7\u{1B}[1;\(rows - 1)r\u{1B}8")
    }

    /// Shows `text`, at most ten times a second.
    mutating func show(_ text: @autoclosure () -> String, now: ContinuousClock.Instant) {
        guard isShown else { return }
        if let lastDrawn, now - lastDrawn < StatusLine.interval { return }
        lastDrawn = now
        let line = String(text().prefix(Terminal.size.columns - 1))
        Terminal.write("\u{1B}7\u{1B}[\(rows);1H\u{1B}[2K\(Terminal.dim(line))\u{1B}8")
    }

    /// Gives the foot of the terminal back.
    mutating func close() {
        guard isShown else { return }
        Terminal.write("\u{1B}7\u{1B}[\(rows);1H\u{1B}[2K\u{1B}[r\u{1B}8")
    }
}
