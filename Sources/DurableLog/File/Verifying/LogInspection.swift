import StreamCore

/// Reads a log's whole directory and says what is whole; it changes nothing, and a writer may be at work.
struct LogInspection {
    private let folder: LogFolder
    private let system: any FileSystem
    private var report: FileLogReport

    /// How often a stream is looked at until what is damaged is sure: what a writer changes meanwhile looks like damage once, and not again at the same place.
    private static let looks = 4

    private init(_ folder: LogFolder, _ system: any FileSystem) {
        self.folder = folder
        self.system = system
        report = FileLogReport(directory: folder.path)
    }

    /// Inspects a directory on a thread of its own, as that takes as long as reading all of it.
    ///
    /// - Throws: `notFound` where there is no log; `storage`.
    static func run(_ folder: LogFolder, _ system: any FileSystem) async throws(EventLogError) -> FileLogReport {
        // Safe: resumed once, by the thread or here when there is none.
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<FileLogReport, EventLogError>, Never>) in
            let thread = WorkerThread {
                continuation.resume(
                    returning: Result { () throws(EventLogError) in
                        var inspection = LogInspection(folder, system)
                        do throws(FileFault) { try inspection.run() } catch { throw error.error(nil) }
                        return inspection.report
                    })
            }
            guard let thread else {
                let error = EventLogError(.storage, nil, "no thread could be started to read the log at \(folder.path)")
                return continuation.resume(returning: .failure(error))
            }
            thread.detach()
        }
        return try result.get()
    }

    private mutating func run() throws(FileFault) {
        let names: [String]?
        names = try storing { () throws(FileError) in try system.list(folder.streams) }
        guard let names else {
            throw .refused(EventLogError(.notFound, nil, "there is no log at \(folder.path)"))
        }
        try inspectRecord()
        for fault in try EraFile(directory: folder.path, system: system).damage() { add(fault) }
        for stream in names.compactMap(StreamID.init(fileName:)).sorted() {
            if let found = try inspect(stream) { report.streams.append(found) }
        }
        let kept: [String]?
        kept = try storing { () throws(FileError) in try system.list(folder.kept) }
        for stream in (kept ?? []).compactMap(StreamID.init(fileName:)).sorted() {
            do throws(FileFault) { _ = try StreamManifest.read(in: folder.kept(stream), system) } catch { add(error) }
        }
    }

    private mutating func inspectRecord() throws(FileFault) {
        do throws(FileFault) {
            guard try LogRecord.read(folder.record, system) == nil else { return }
            add(.damage(path: folder.record, position: 0, what: "it is missing, or neither of its slots is whole"))
        } catch {
            guard case .damage = error else { throw error }
            add(error)
        }
    }

    /// Looks at a stream until what is damaged stays the same; nil when it was removed meanwhile.
    private func inspect(_ stream: StreamID) throws(FileFault) -> FileLogReport.Stream? {
        var last: FileLogReport.Stream?
        for look in 1... {
            do throws(FileFault) {
                guard let found = try StreamInspection(stream, in: folder.stream(stream), system)?.report else {
                    return nil
                }
                if found.damage.isEmpty || found.damage == last?.damage || look == LogInspection.looks { return found }
                last = found
            } catch {
                switch error {
                case .damage:
                    var found = FileLogReport.Stream(stream)
                    found.damage = [FileLogReport.Damage(error)].compactMap(\.self)
                    return found
                // A segment was removed while it was looked for.
                case .storage(let cause) where cause.isNotFound && look < LogInspection.looks: continue
                default: throw error
                }
            }
        }
        return last
    }

    private mutating func add(_ fault: FileFault) {
        if let damage = FileLogReport.Damage(fault) { report.damage.append(damage) }
    }
}

extension FileEventLog {
    /// Reads everything that is stored and says what is whole and what is not, with file and byte; changes nothing, while the log is written as well.
    ///
    /// - Throws: `storage` when a file cannot be read.
    public func verify() async throws(EventLogError) -> FileLogReport {
        try await LogInspection.run(folder, system)
    }
}

extension FileLogReader {
    /// Reads everything that is stored and says what is whole and what is not, with file and byte; changes nothing, and a writer may be at work or not.
    ///
    /// - Throws: `notFound` where there is no log, `storage` when a file cannot be read.
    public func verify() async throws(EventLogError) -> FileLogReport {
        try await LogInspection.run(folder, system)
    }
}
