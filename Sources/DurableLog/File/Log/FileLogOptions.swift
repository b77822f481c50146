public import StreamCore

/// How a file log does its work.
public struct FileLogOptions: Sendable {
    /// A segment (one file of a stream) that has reached so many bytes is ended; 8 MiB by default, at least 64 KiB.
    ///
    /// Retention drops whole segments; streams with a retention have smaller ones.
    public var segmentBytes: Int
    /// How many bytes of a stream's newest events are kept decoded, for the readers at its end; 256 KiB by default.
    public var recentBytes: Int
    /// The largest batch, in bytes as stored; 64 MiB by default, 1 GiB at most.
    public var maxBatchBytes: Int
    /// How many streams are kept open for writing, each with two descriptors; 256 by default.
    ///
    /// There may be any number of streams.
    public var maxOpenStreams: Int
    /// What the wall clock says, for the timestamps of events and for lifetimes.
    public var wallClock: @Sendable () -> Timestamp

    /// Options from their parts.
    public init(
        segmentBytes: Int = 8 << 20, recentBytes: Int = 256 << 10, maxBatchBytes: Int = 64 << 20,
        maxOpenStreams: Int = 256, wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.segmentBytes = segmentBytes
        self.recentBytes = recentBytes
        self.maxBatchBytes = maxBatchBytes
        self.maxOpenStreams = maxOpenStreams
        self.wallClock = wallClock
    }

    var limits: FileLogLimits {
        var limits = FileLogLimits()
        limits.segmentBytes = min(max(segmentBytes, 64 << 10), 1 << 30)
        limits.checkpointBytes = min(limits.checkpointBytes, limits.segmentBytes)
        limits.recentBytes = max(0, recentBytes)
        limits.batchBytes = min(max(1, maxBatchBytes), FrameHeader.maxLength - (1 << 20))
        limits.openStreams = max(1, maxOpenStreams)
        return limits
    }
}
