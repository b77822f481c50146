import StreamCore

extension WritingLog {
    /// The stream, opened when it is not open, unless its time is over.
    func stream(_ id: StreamID) throws(EventLogError) -> FileStream {
        let stream = try opened(id)
        guard stream.mayExpire, let end = stream.expiresAt, end <= clock() else { return stream }
        let isForked =
            (try? folder.forks(of: id, in: folder.stream(id), system).isEmpty) == false || (try? isKept(id)) == true
        _ = thread.perform { [weak self] in self?.removeExpired(id) }
        throw EventLogError(isForked ? .deleted : .notFound, id, "the stream's lifetime is over")
    }

    /// Makes a stream, or finds it with the same options; on the commit thread.
    func create(_ id: StreamID, _ options: StreamOptions) throws(EventLogError) -> StreamCreation {
        removeExpired(id)
        if let found = try existing(id), let view = found.view {
            let info = info(found, view)
            guard info.matches(options) else {
                throw EventLogError(.conflict, id, "a stream of this name is there with other options")
            }
            return StreamCreation(isNew: false, info: info)
        }
        do throws(FileFault) {
            if options.fork == nil { try make(id, options) } else { try fork(id, options) }
        } catch {
            throw error.error(id)
        }
        let made = try opened(id)
        guard let view = made.view else { throw EventLogError(.notFound, id, "the stream was removed at once") }
        return StreamCreation(isNew: true, info: info(made, view))
    }

    private func existing(_ id: StreamID) throws(EventLogError) -> FileStream? {
        do throws(EventLogError) {
            return try opened(id)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    private func make(_ id: StreamID, _ options: StreamOptions) throws(FileFault) {
        let context = newContext(id, options)
        let ledger = StreamLedger(
            contentType: options.contentType, era: try eras.era(of: id), isClosed: options.isClosed)
        let folder = try StreamFolder(context, at: temporary(context))
        try folder.begin(ledger, era: ledger.era, firstOrdinal: 1)
        try folder.publish(era: ledger.era, to: self.folder)
    }

    func newContext(_ id: StreamID, _ options: StreamOptions) -> StreamContext {
        let manifest = StreamManifest(
            stream: id, incarnation: UInt64.random(in: 1 ... .max), created: clock(), options: options)
        return StreamContext(
            stream: id, directory: folder.stream(id), manifest: manifest, system: system, limits: limits,
            session: record.session)
    }

    func temporary(_ context: StreamContext) -> String {
        "\(folder.temporary)/new-\(context.manifest.incarnation)"
    }

    /// Refuses what is too large for a batch, or for the fields of its headers.
    func checkSize(_ events: [StreamEvent], _ stream: StreamID) throws(EventLogError) {
        var size = 0
        for event in events {
            guard event.type.rawValue.utf8.count <= UInt16.max, event.source.utf8.count <= UInt16.max else {
                throw EventLogError(.tooLarge, stream, "an event's type or source has more than \(UInt16.max) bytes")
            }
            size += EventHeader.size + event.type.rawValue.utf8.count + event.source.utf8.count + event.payload.count
        }
        guard size <= limits.batchBytes else {
            throw EventLogError(
                .tooLarge, stream,
                "the batch has \(size) bytes; \(limits.batchBytes) are allowed (FileLogOptions.maxBatchBytes)")
        }
    }

    func info(_ stream: FileStream, _ view: StreamView) -> StreamInfo {
        StreamInfo(
            options: stream.context.manifest.options, tail: view.tail, oldest: view.oldest(cache),
            isClosed: view.isClosed, expiresAt: stream.expiresAt)
    }

    func list(_ prefix: String, after name: StreamID?, limit: Int) throws(EventLogError) -> [StreamID] {
        try folder.list(prefix, after: name, limit: limit, system) { (try? stream($0)) != nil } ?? []
    }
}
