#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Standard input as chunks of bytes: as they come, or all of one size but the last.
struct StandardInput {
    /// Reading failed.
    struct ReadError: Error, CustomStringConvertible {
        let code: Int32
        var description: String { "standard input cannot be read: \(String(cString: strerror(code)))" }
    }

    let chunkSize: Int?
    private var pending: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    init(chunkSize: Int?) {
        self.chunkSize = chunkSize
    }

    /// The next chunk, never empty; nil at the end of the input.
    mutating func next() throws(ReadError) -> [UInt8]? {
        guard let chunkSize else { return try read() }
        while pending.count - position < chunkSize, !isAtEnd {
            guard let more = try read() else {
                isAtEnd = true
                break
            }
            pending.removeFirst(position)
            position = 0
            pending += more
        }
        guard position < pending.count else { return nil }
        let end = min(pending.count, position + chunkSize)
        defer { position = end }
        return Array(pending[position..<end])
    }

    private func read() throws(ReadError) -> [UInt8]? {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            // The loop hands `read` the memory that the array just made, and its exact size.
            while true {
                let result = readBytes(buffer.baseAddress, buffer.count)
                if result >= 0 {
                    count = result
                    return
                }
                if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        if failure != 0 { throw ReadError(code: failure) }
        return bytes.isEmpty ? nil : bytes
    }
}

private func readBytes(_ address: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(STDIN_FILENO, address, count)
}
