import AgentKitTesting
import StreamCore
import Testing

@testable import DurableLog

/// A log's files as a story has left them, and what each byte of them belongs to.
struct Specimen: Sendable {
    struct Name: Sendable, CustomTestStringConvertible {
        var story: LogStory
        var isShutDown: Bool
        var testDescription: String
    }

    static let cases = [
        Name(story: .everything, isShutDown: false, testDescription: "everything, killed"),
        Name(story: .everything, isShutDown: true, testDescription: "everything, shut down"),
        Name(story: .checkpointed, isShutDown: false, testDescription: "a checkpoint, killed"),
    ]

    let system: FaultInjectingFileSystem
    let memory: LogMemory
    /// The records of each segment, in their order.
    private var segments: [String: Segment] = [:]

    private struct Segment: Sendable {
        var name: SegmentName
        var headerSize: Int
        var frames: [Frame] = []

        /// Where the first record stands that one of the bytes belongs to, or 0 for the header; nil for none of both.
        func place(of damage: Range<Int>) -> Int? {
            if damage.lowerBound < headerSize { return 0 }
            return frames.first { $0.end > damage.lowerBound && $0.position < damage.upperBound }?.position
        }

        /// How many events stand in records before a place, over all of the stream.
        func events(before place: Int) -> UInt64 {
            frames.last { $0.end <= place }?.header.last.index ?? name.before.index
        }
    }

    init(_ name: Name) async throws {
        var teller = LogTeller(FaultInjectingFileSystem())
        try await teller.tell(name.story)
        if name.isShutDown { try await teller.tell(.reopen) }
        teller.drop()
        system = teller.system.crashed()
        memory = teller.memory
        for path in system.paths {
            let parts = path.split(separator: "/")
            guard let file = parts.last.map(String.init), let name = SegmentName(fileName: file) else { continue }
            segments[path] = try Self.segment(path, name, system)
        }
    }

    private static func segment(_ path: String, _ name: SegmentName, _ system: FaultInjectingFileSystem) throws
        -> Segment
    {
        let file = try OpenFile(path, .read, in: system)
        let header = try SegmentFile.header(of: file, name: name)
        var segment = Segment(name: name, headerSize: header.size)
        var scan = SegmentScan(end: header.size, nextOrdinal: name.firstOrdinal, syncedOrdinal: 0)
        try scan.run(file, salt: header.salt) { header, position, _ in
            segment.frames.append(Frame(header: header, position: position))
        }
        return segment
    }

    var paths: [String] { system.paths }

    /// How many of a file's bytes mean something; behind them there are zeros, or nothing.
    func usedSize(of path: String) -> Int {
        if let segment = segments[path] { return segment.frames.last?.end ?? segment.headerSize }
        return (system.contents(of: path)?.lastIndex { $0 != 0 } ?? -1) + 1
    }

    /// The bits to flip: of all bytes that mean something, but of zeros and of the inside of a large payload only some.
    func bits(of path: String, every step: Int) -> [Int] {
        places(of: path, every: step, times: 8)
    }

    /// The sizes to cut a file to.
    func cuts(of path: String, every step: Int) -> [Int] {
        places(of: path, every: step, times: 1)
    }

    private func places(of path: String, every step: Int, times: Int) -> [Int] {
        let bytes = system.contents(of: path) ?? []
        let used = usedSize(of: path)
        let isPadding = { (byte: Int) in
            byte > used + 16
                || (byte > 256 && byte + 256 < used && bytes[byte - 64..<byte + 64].allSatisfy { $0 == bytes[byte] })
        }
        var places: [Int] = []
        var count = 0
        for byte in bytes.indices {
            let step = isPadding(byte) ? step * 1009 : step
            for place in byte * times..<(byte + 1) * times {
                count += 1
                if count % step == 0 { places.append(place) }
            }
        }
        return places
    }

    /// The file of a stream that is this one: itself, or another name of it, as forks have them.
    private func path(of path: String, in id: StreamID) -> String? {
        let folder = "/log/streams/\(id.fileName)/"
        if path.hasPrefix(folder) { return path }
        guard segments[path] != nil, let file = path.split(separator: "/").last else { return nil }
        let other = folder + file
        return segments[other] != nil && system.contents(of: other) == system.contents(of: path) ? other : nil
    }

    /// Opens the log with a file changed.
    func examine(_ path: String, bytes: [UInt8], damage: Range<Int>, _ what: String) async throws {
        let system = system.crashed()
        system.replace(path, with: bytes)
        do {
            let log: FileEventLog
            do throws(EventLogError) {
                log = try FileEventLog(
                    directory: "/log", options: FileLogOptions(recentBytes: 1024), system: system, worker: { $0() })
            } catch {
                try requirePlace(error, path, nil)
                return
            }
            let examiner = LogExaminer(log: log, memory: memory, losesUnsynced: false)
            let isStreams = path.hasPrefix("/log/streams/")
            for (id, stream) in memory.streams {
                if let path = self.path(of: path, in: id) {
                    try await examine(id, stream, path, damage, examiner)
                } else if !isStreams || damage.lowerBound % 64 == 0 {
                    // Not this stream's, and nothing that it needs: all of it is there.
                    try await examiner.examine(id, stream)
                }
            }
        } catch {
            throw Misread("\(path), \(what): \(error)")
        }
    }

    private func examine(
        _ id: StreamID, _ stream: LogMemory.Stream, _ path: String, _ damage: Range<Int>, _ examiner: LogExaminer
    ) async throws {
        let reading = await examiner.read(id)
        let segment = segments[path]
        let place = segment?.place(of: damage)
        if let error = reading.error { try requirePlace(error, path, place) }
        let missing: [LogMemory.Batch]
        do {
            missing = try examiner.missing(from: reading.events, of: stream, id)
        } catch {
            throw Misread(
                "\(error); the reader was stopped by \(reading.error.map(String.init(describing:)) ?? "nothing")")
        }
        if reading.error == nil, let synced = missing.first(where: \.isSynced) {
            throw Misread("\(synced) was synced and is gone without an error")
        }
        if let segment {
            let readable = place.map(segment.events(before:)) ?? .max
            let count = reading.events.last?.offset.index ?? 0
            if !missing.isEmpty, count < readable {
                throw Misread("only \(count) of the \(readable) events before the damage can be read")
            }
        } else if !path.hasSuffix("/\(StreamScan.manifestName)"), !missing.isEmpty || reading.error != nil {
            throw Misread("\(missing) is gone for want of a file that can be done without")
        }
        // What is whole, or was cut where nothing was synced, goes on.
        if reading.error == nil { try await examiner.examineEnd(id, missing.isEmpty ? stream : stream.reopened) }
    }

    /// Damage is told with the file and the byte.
    private func requirePlace(_ error: EventLogError, _ path: String, _ place: Int?) throws {
        guard error.code == .corrupt, error.message.contains("\(path), byte ") else {
            throw Misread("the error does not name the place: \(error)")
        }
        if let place, !error.message.contains("\(path), byte \(place):") {
            throw Misread("the error does not name byte \(place): \(error)")
        }
    }
}

extension LogMemory.Stream {
    /// The stream when its end, and whatever stood there, is gone.
    fileprivate var reopened: LogMemory.Stream {
        var stream = self
        if isClosed == true { stream.isClosed = nil }
        return stream
    }
}
