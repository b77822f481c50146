import StreamCore

extension WritingLog {
    /// Makes a stream, or finds it with the same options; on the commit thread.
    func create(_ id: StreamID, _ options: StreamOptions) throws(EventLogError) -> StreamCreation {
        if let found = try existing(id) {
            if let view = found.view {
                let info = info(found, view)
                guard info.matches(options) else {
                    throw EventLogError(.conflict, id, "a stream of this name is there with other options")
                }
                return StreamCreation(isNew: false, info: info)
            }
        }
        do throws(FileFault) {
            guard try !isKept(id) else {
                throw FileFault.refused(
                    EventLogError(.deleted, id, "a deleted stream of this name is kept for its forks"))
            }
            try make(id, options)
        } catch {
            throw error.error(id)
        }
        let made = try stream(id)
        guard let view = made.view else { throw EventLogError(.notFound, id, "the stream was removed at once") }
        return StreamCreation(isNew: true, info: info(made, view))
    }

    private func make(_ id: StreamID, _ options: StreamOptions) throws(FileFault) {
        let manifest = StreamManifest(
            stream: id, incarnation: UInt64.random(in: 1 ... .max), created: clock(), options: options)
        let context = StreamContext(
            stream: id, directory: folder.stream(id), manifest: manifest, system: system, limits: limits,
            session: record.session)
        let ledger = StreamLedger(
            contentType: options.contentType, era: try eras.era(of: id), isClosed: options.isClosed)
        try StreamFolder.make(
            context, at: "\(folder.temporary)/\(manifest.incarnation)", ledger: ledger, parents: [folder.streams])
    }

    private func existing(_ id: StreamID) throws(EventLogError) -> FileStream? {
        do throws(EventLogError) {
            return try stream(id)
        } catch {
            if error.code == .notFound || error.code == .deleted { return nil }
            throw error
        }
    }

    /// Whether a deleted stream of this name is kept for its forks.
    func isKept(_ id: StreamID) throws(FileFault) -> Bool {
        do throws(FileError) { return try system.list(folder.kept(id)) != nil } catch { throw .storage(error) }
    }

    func append(
        _ entry: LedgerEntry, _ events: [StreamEvent], to id: StreamID, _ durability: Durability,
        contentType: String? = nil
    ) async throws(EventLogError) -> AppendResult {
        while true {
            try checkOpen(id)
            if let result = try await stream(id).append(entry, events, durability, contentType) { return result }
        }
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
            isClosed: view.isClosed)
    }

    /// Removes a stream; on the commit thread.
    func delete(_ id: StreamID) throws(EventLogError) {
        let found = try stream(id)
        try table.with(id) { (slot) throws(EventLogError) in
            let era = found.remove()
            slot.stream = nil
            do throws(FileFault) {
                // First what must outlive the stream: an era that it may have used is used by no other.
                try eras.raise(id, to: era + 1)
                try throwAway(folder.stream(id), incarnation: found.context.manifest.incarnation)
            } catch {
                throw error.error(id)
            }
        }
        found.signal.notify()
    }

    /// Moves a folder away, so that it is gone in one step, and removes it then.
    private func throwAway(_ path: String, incarnation: UInt64) throws(FileFault) {
        cache.forget(in: path)
        do throws(FileError) {
            let temporary = "\(folder.temporary)/gone-\(incarnation)"
            try LogFolder.remove(temporary, system)
            try system.rename(path, to: temporary)
            try system.syncDirectory(folder.streams)
            try LogFolder.remove(temporary, system)
        } catch {
            throw .storage(error)
        }
    }

    func list(_ prefix: String, after name: StreamID?, limit: Int) throws(EventLogError) -> [StreamID] {
        do throws(FileError) {
            let names = try system.list(folder.streams) ?? []
            let streams = names.compactMap(StreamID.init(fileName:)).filter { id in
                id.description.hasPrefix(prefix) && name.map { $0 < id } ?? true
            }
            return Array(streams.sorted().prefix(max(1, limit)))
        } catch {
            throw FileFault.storage(error).error(nil)
        }
    }
}
