import StreamCore

/// Reads the frames of a segment one after another, a stretch of the file at a time.
struct FrameWalk {
    let file: OpenFile
    let salt: UInt64
    /// Where the next frame is looked for.
    private(set) var position: Int
    private let stretch: Int
    private var buffer: [UInt8] = []
    private var bufferStart = 0
    private var isEndOfFile = false

    /// - Parameter stretch: How many bytes are read at a time.
    init(_ file: OpenFile, salt: UInt64, at position: Int, stretch: Int = 128 << 10) {
        self.file = file
        self.salt = salt
        self.position = position
        self.stretch = stretch
    }

    /// What stands at the place; never `.needs`.
    ///
    /// - Parameter ordinal: The ordinal that a frame there must have; nil for any.
    mutating func look(for ordinal: UInt64?) throws(FileFault) -> FrameFinding {
        while true {
            let isAll = isEndOfFile
            let finding = withBytes { Frame.find(in: $0, salt: salt, ordinal: ordinal, isAll: isAll) }
            guard case .needs(let count) = finding else { return finding }
            try fill(count)
        }
    }

    /// The bytes of the frame that was found at the place.
    func withFrame<Value>(_ header: FrameHeader, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        withBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<header.length])) }
    }

    /// Goes on behind a frame that was found.
    mutating func pass(_ header: FrameHeader) {
        position += header.length
    }

    private func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        // Never beyond the buffer: the position only passes frames that were wholly in it.
        buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[min(position - bufferStart, $0.count)...])) }
    }

    private mutating func fill(_ count: Int) throws(FileFault) {
        let wanted = max(count, stretch)
        buffer = try file.read(at: position, count: wanted)
        bufferStart = position
        isEndOfFile = buffer.count < wanted
    }
}
