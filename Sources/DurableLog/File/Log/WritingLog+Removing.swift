import StreamCore

extension WritingLog {
    /// Removes a stream; on the commit thread.
    func delete(_ id: StreamID) throws(EventLogError) {
        let found = try opened(id)
        do throws(FileFault) {
            let fork = found.context.manifest.options.fork?.source
            try table.with(id) { (slot) throws(FileFault) in
                let era = found.remove()
                slot.stream = nil
                slot.signal = nil
                // First what must outlive the stream: an era that it may have used is used by no other of its name.
                try eras.raise(id, to: era + 1)
                try putAside(id, incarnation: found.context.manifest.incarnation)
            }
            if let fork { try release(fork, from: id) }
        } catch {
            found.signal.notify()
            throw error.error(id)
        }
        found.signal.notify()
    }

    /// Removes the stream if its time is over; on the commit thread.
    func removeExpired(_ id: StreamID) {
        guard let stream = try? opened(id), let end = stream.expiresAt, end <= clock() else { return }
        // What fails here is tried again when the stream is asked for.
        try? delete(id)
    }

    /// Removes the streams whose time is over, at the log's opening; on the commit thread.
    func sweep() {
        for id in ((try? system.list(folder.expiring)) ?? nil ?? []).compactMap(StreamID.init(fileName:)) {
            removeExpired(id)
        }
    }

    /// Moves a stream's folder away in one step: to those that are kept for their forks, or out of the log.
    private func putAside(_ id: StreamID, incarnation: UInt64) throws(FileFault) {
        let path = folder.stream(id)
        cache.forget(in: path)
        let isKept = try !folder.forks(of: id, in: path, system).isEmpty
        try storing { () throws(FileError) in
            let place = isKept ? folder.kept(id) : "\(folder.temporary)/gone-\(incarnation)"
            try LogFolder.remove(place, system)
            try system.rename(path, to: place)
            try system.syncDirectory(isKept ? folder.kept : folder.temporary)
            try system.syncDirectory(folder.streams)
            _ = try system.remove(folder.expiring(id))
            if isKept {
                // The forks have these files under names of their own.
                for name in try system.list(place) ?? [] where name.hasSuffix(SegmentName.suffix) {
                    _ = try system.remove("\(place)/\(name)")
                }
            } else {
                try LogFolder.remove(place, system)
            }
        }
    }

    // MARK: Kept for forks

    /// Whether a deleted stream of this name is kept for its forks.
    func isKept(_ id: StreamID) throws(FileFault) -> Bool {
        return try storing { () throws(FileError) in try system.list(folder.kept(id)) != nil }
    }

    /// Takes note that a fork is gone; its source goes too when it was only kept for it.
    private func release(_ source: StreamID, from fork: StreamID) throws(FileFault) {
        let isKept = try isKept(source)
        let path = isKept ? folder.kept(source) : folder.stream(source)
        if try !self.isKept(fork) {
            try storing { () throws(FileError) in _ = try system.remove(StreamFolder.note(of: fork, in: path)) }
        }
        guard isKept, try folder.forks(of: source, in: path, system).isEmpty else { return }
        let manifest = try StreamManifest.read(in: path, system)
        let gone = "\(folder.temporary)/gone-\(manifest?.incarnation ?? 0)"
        try storing { () throws(FileError) in
            try LogFolder.remove(gone, system)
            try system.rename(path, to: gone)
            try system.syncDirectory(folder.kept)
            try LogFolder.remove(gone, system)
        }
        if let next = manifest?.options.fork?.source { try release(next, from: source) }
    }
}
