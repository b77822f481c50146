import StreamCore

/// What does not change in the life of a stream.
struct StreamContext: Sendable {
    let stream: StreamID
    let directory: String
    let manifest: StreamManifest
    let system: any FileSystem
    let limits: FileLogLimits
    let session: UInt64

    /// The salt of the frames' checksums: a payload that looks like a frame does not know it.
    var salt: UInt64 { manifest.incarnation }
}

/// The sizes that a file log keeps to.
struct FileLogLimits: Sendable, Hashable {
    /// A segment that has reached this is sealed, and the next one begun.
    var segmentBytes = 8 << 20
    /// How far a ledger is from the next within a segment: what is read at most to find the end.
    var checkpointBytes = 1 << 20
    /// The decoded events kept per stream for readers at its end.
    var recentBytes = 256 << 10
    /// The largest append.
    var batchBytes = 64 << 20
    /// Streams that are kept open.
    var openStreams = 256
    /// Segments that are kept open for reading.
    var openSegments = 64
}
