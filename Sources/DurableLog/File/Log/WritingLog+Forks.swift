import StreamCore

extension WritingLog {
    /// Makes a stream that shares another's beginning; on the commit thread.
    ///
    /// Whole segments are shared as files with two names, which nobody writes to; of the segment in which the fork leaves, what belongs to it is copied. So neither
    /// stream needs the other.
    func fork(_ id: StreamID, _ options: StreamOptions) throws(FileFault) {
        guard let point = options.fork else { return }
        do throws(EventLogError) {
            let source = try stream(point.source)
            // A fork is on disk when it is made, with what it shares.
            do throws(FileFault) { try source.settle() } catch { throw error.error(id) }
            guard let view = source.view else {
                throw EventLogError(.notFound, point.source, "the source was removed at once")
            }
            guard StreamOptions.isSameType(options.contentType, view.ledger.contentType) else {
                throw EventLogError(
                    .conflict, id, "a fork has its source's content type, \(view.ledger.contentType)")
            }
            if let damage = view.damage { throw damage.error(point.source) }
            let offset = point.offset ?? view.tail
            try view.check(offset, cache)
            var options = options
            options.fork = ForkPoint(source: point.source, offset: offset)
            do throws(FileFault) {
                try make(newContext(id, options), of: source, view, at: offset)
            } catch {
                throw error.error(id)
            }
        } catch {
            throw .refused(error)
        }
    }

    private func make(
        _ context: StreamContext, of source: FileStream, _ view: StreamView, at offset: Offset
    ) throws(FileFault) {
        let path = temporary(context)
        let made = try StreamFolder(context, at: path)
        // Those that end at the fork's offset or before it, but for the one that is written to.
        let shared = zip(view.segments, view.segments.dropFirst()).prefix { $0.1.before <= offset }.map(\.0)
        for name in shared {
            try made.link(name, from: view.directory)
            // One that was ended since the source was settled may not be synced; to the others this is nothing.
            try OpenFile("\(view.directory)/\(name.fileName)", .write, in: system).sync()
        }
        let first = view.segments.dropFirst(shared.count).first
        let begin = first?.before ?? view.tail
        // Its own events come in an era that its source has not begun, and that follows those of an earlier stream of its name.
        let era = view.ledger.forked(at: offset, era: try eras.era(of: context.stream)).era
        let ledger = StreamLedger(
            contentType: view.ledger.contentType, isClosed: false, lastSequence: nil,
            eras: view.ledger.eras.cut(at: begin), producers: ProducerTable())
        let firstOrdinal = first?.firstOrdinal ?? view.ordinal + 1
        let copy = try copies(of: view, from: begin, to: offset, context, firstOrdinal: firstOrdinal)
        // Of a lower generation than a shared one, it would not count.
        let generation = shared.map(\.generation).max() ?? 0
        try made.begin(ledger, era: era, firstOrdinal: firstOrdinal, generation: generation, frames: copy.bytes)
        try storing { () throws(FileError) in
            // The source knows of the fork before the fork is there.
            system.close(try system.open(StreamFolder.note(of: context.stream, in: view.directory), .create))
            try system.syncDirectory(view.directory)
        }
        try made.publish(era: era, ordinal: copy.ordinal, to: folder)
    }

    private typealias Copies = (bytes: [UInt8], ordinal: UInt64)

    /// Frames with the events after one offset up to another, and with the close of a fork that is closed from the start.
    private func copies(
        of view: StreamView, from begin: Offset, to end: Offset, _ context: StreamContext, firstOrdinal: UInt64
    ) throws(FileFault) -> Copies {
        var copies: Copies = ([], firstOrdinal - 1)
        var before = begin
        func add(_ events: ArraySlice<LoggedEvent>, _ entry: LedgerEntry) {
            copies.ordinal += 1
            let content = FrameContent(
                ordinal: copies.ordinal, syncedOrdinal: firstOrdinal - 1,
                timestamp: events.first?.timestamp ?? context.manifest.created, before: before,
                era: events.first?.offset.era ?? before.era, flags: entry.flags, events: events.map(\.event))
            content.append(to: &copies.bytes, salt: context.salt)
            before = events.last?.offset ?? before
        }
        var bounded = view
        bounded.damage = nil
        while before < end, before.index < end.index {
            var read = PageRead(view: bounded, after: before, limit: PageLimit())
            var page = try read.run(cache).events[...]
            page = page.prefix { $0.offset <= end }
            guard !page.isEmpty else { break }
            while let head = page.first {
                let batch = page.prefix { $0.timestamp == head.timestamp && $0.offset.era == head.offset.era }
                add(batch, LedgerEntry(eventCount: batch.count))
                page = page.dropFirst(batch.count)
            }
        }
        if context.manifest.options.isClosed { add([], LedgerEntry(closes: true)) }
        return copies
    }
}
