#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What is written where: standard output for results, standard error for people; escapes only where a person looks.
enum Terminal {
    /// Whether standard output is a terminal that understands escapes.
    static let isInteractive = isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb"

    /// The size of the terminal in characters; 80 × 24 where nobody knows.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes to standard output at once.
    static func write(_ text: String) {
        write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// Writes bytes to standard output at once.
    static func write(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    static func note(_ text: String) {
        write(Array((text + "\n").utf8), to: STDERR_FILENO)
    }

    /// Text in a fainter colour, where a person looks.
    static func dim(_ text: String) -> String {
        isInteractive ? "\u{1B}[2m\(text)\u{1B}[22m" : text
    }

    /// Text in bold, where a person looks.
    static func bold(_ text: String) -> String {
        isInteractive ? "\u{1B}[1m\(text)\u{1B}[22m" : text
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                // Nobody reads any more (EPIPE), or the disk is full: there is nowhere left to say so.
                if errno == EINTR || errno == EAGAIN { continue }
                exit(EXIT_FAILURE)
            }
            rest = rest.dropFirst(written)
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ address: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, address, count)
}
