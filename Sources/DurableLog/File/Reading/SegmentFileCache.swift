import Synchronization

/// Keeps the segments that were read last open, so many at most.
final class SegmentFileCache: Sendable {
    fileprivate struct Key: Hashable {
        var directory: String
        var name: SegmentName
        var life: UInt64
    }

    fileprivate struct Entry {
        var segment: SegmentFile
        /// Whether nothing was written to it any more when it was opened: then it is known whether it has a seal.
        var isEnded: Bool
        var used: UInt64
    }

    fileprivate struct State {
        var segments: [Key: Entry] = [:]
        var clock: UInt64 = 0
    }

    let system: any FileSystem
    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int, system: any FileSystem) {
        self.capacity = capacity
        self.system = system
    }

    /// The segment, opened when it is not open.
    ///
    /// - Parameters:
    ///   - life: The life of the stream, where the directory may be another stream's meanwhile.
    ///   - isEnded: Whether another segment follows it: one that was opened before that is opened again, for its seal.
    func segment(
        _ name: SegmentName, in directory: String, life: UInt64 = 0, isEnded: Bool
    ) throws(FileFault) -> SegmentFile {
        let key = Key(directory: directory, name: name, life: life)
        if let segment = state.withLock({ $0.take(key, isEnded) }) { return segment }
        // Opened without the lock: two readers may do it at once, and one of the two is kept.
        let segment = try SegmentFile(name, in: directory, of: system)
        state.withLock { $0.put(segment, key, isEnded, capacity) }
        return segment
    }

    /// Forgets the segments of a directory for which `isGone` says so: removed ones, and those whose end has changed.
    func forget(in directory: String, where isGone: (SegmentName) -> Bool = { _ in true }) {
        state.withLock { state in
            let gone = state.segments.keys.filter { $0.directory == directory && isGone($0.name) }
            for key in gone { state.segments[key] = nil }
        }
    }
}

extension SegmentFileCache.State {
    fileprivate mutating func take(_ key: SegmentFileCache.Key, _ isEnded: Bool) -> SegmentFile? {
        guard let found = segments[key], found.isEnded || !isEnded else { return nil }
        clock += 1
        segments[key]?.used = clock
        return found.segment
    }

    fileprivate mutating func put(
        _ segment: SegmentFile, _ key: SegmentFileCache.Key, _ isEnded: Bool, _ capacity: Int
    ) {
        clock += 1
        segments[key] = SegmentFileCache.Entry(segment: segment, isEnded: isEnded, used: clock)
        // A pass over some dozens, and only when another file was opened, which costs more.
        if segments.count > capacity, let oldest = segments.min(by: { $0.value.used < $1.value.used })?.key {
            segments[oldest] = nil
        }
    }
}
