import StreamCore

extension StreamScan {
    /// The stream as its writer goes on with it.
    ///
    /// - Parameter mayHaveLost: Whether the machine may have lost what was written and not synced since the stream was written last.
    func writer(_ context: StreamContext, mayHaveLost: Bool) throws(FileFault) -> StreamWriter {
        let system = context.system
        var chain = SegmentChain(context: context, names: names, segment: nil)
        chain.generation = (names.map(\.generation).max() ?? 0) + (isTorn ? 1 : 0)
        var position = position
        for name in names where name.firstOrdinal <= position.ordinal {
            let place = names.firstIndex(of: name) ?? 0
            let isSynced = place + 1 < names.count && names[place + 1].firstOrdinal <= synced.ordinal + 1
            guard !isSynced, name != names.last else { continue }
            let file = try OpenFile("\(directory)/\(name.fileName)", .write, in: system)
            chain.unsynced.append(SegmentChain.Ended(file: file, position: nil))
        }
        if let last, damage == nil {
            let file = try OpenFile("\(directory)/\(last.segment.name.fileName)", .write, in: system)
            if isTorn {
                // The next segment's beginning says anyway that what stands there does not count.
                try? file.truncate(to: last.end)
            }
            if isTorn || last.isSealed {
                chain.unsynced.append(SegmentChain.Ended(file: file, position: nil))
            } else {
                chain.segment = SegmentWriter(
                    last.segment.name, file: file, salt: last.segment.header.salt, end: last.end,
                    size: try file.status().size, index: last.index, checkpoint: last.checkpoint,
                    times: (last.began, lastAppend))
            }
        }
        if damage == nil {
            // What was cut off, or trimmed, must not stand among the segments that follow, whatever happens.
            let stale = try SegmentName.all(in: directory, system).filter { !names.contains($0) }
            try storing { () throws(FileError) in
                for name in stale { _ = try system.remove("\(directory)/\(name.fileName)") }
                if !stale.isEmpty { try system.syncDirectory(directory) }
            }
        }
        if damage == nil {
            // Else the mark that is written now would not tell of them, and the next opening would have further to look.
            if let mark, mark.checkpointPosition > 0 {
                let place = SegmentChain.Place(
                    segment: mark.checkpointSegment, position: Int(clamping: mark.checkpointPosition))
                chain.recordCheckpoint(place, isSynced: true)
            }
            if let last {
                let place = SegmentChain.Place(segment: last.segment.name.firstOrdinal, position: last.checkpoint)
                chain.recordCheckpoint(place, isSynced: false)
            }
        }
        // Which names are synced is not known: the first sync does it.
        chain.isDirectoryUnsynced = true
        let markFile = try OpenFile("\(directory)/\(StreamScan.markName)", .create, in: system)
        var mark = self.mark ?? StreamMark()
        let hasLost = isTorn || mayHaveLost || self.mark?.flags.contains(.unsettled) ?? true
        if hasLost {
            mark.era = max(mark.era, position.ledger.era, last?.segment.header.era ?? 0) + 1
        }
        let era = max(mark.era, last?.segment.header.era ?? 0)
        if era > position.ledger.era { _ = position.ledger.beginEra(atLeast: era) }
        var writer = StreamWriter(
            context: context, position: position, synced: synced, chain: chain, markFile: markFile, mark: mark)
        writer.damage = damage
        writer.mark.incarnation = manifest.incarnation
        writer.mark.lastUsed = max(mark.lastUsed, lastAppend ?? manifest.created)
        if damage == nil {
            if hasLost {
                // An era that was begun must be known whatever happens, or it would be begun again for other events.
                writer.writeMark(flags: .unsettled)
                try markFile.sync()
            }
            writer.writeMark()
            do throws(FileFault) {
                try renew(system)
            } catch {
                // It is written anew before anything is appended.
                writer.poison = error
            }
        }
        return writer
    }

    /// Writes once more what is not known to be synced.
    ///
    /// Where a sync failed in an earlier process, it may be in the system's cache alone, and taken for written: the next sync would succeed without it.
    private func renew(_ system: any FileSystem) throws(FileFault) {
        if mark?.flags.contains(.clean) == true { return }
        for (number, name) in names.enumerated().dropFirst(syncedPlace.number) {
            let file = try OpenFile("\(directory)/\(name.fileName)", .write, in: system)
            let end = name == last?.segment.name ? last?.end ?? 0 : try file.status().size
            var position = number == syncedPlace.number ? syncedPlace.end : 0
            while position < end {
                let bytes = try file.read(at: position, count: min(end - position, 256 << 10))
                if bytes.isEmpty { break }
                try file.write(bytes, at: position)
                position += bytes.count
            }
        }
    }
}
