import StreamCore

/// What a reader may see of a stream at one moment.
struct StreamView: Sendable {
    let stream: StreamID
    let directory: String
    /// The stream's life, for a reader beside the writer; 0 for the writer, who knows when it ends.
    var life: UInt64 = 0
    /// The segments in their order.
    var segments: [SegmentName]
    /// The newest frame that readers may have.
    var ordinal: UInt64
    /// The newest event that readers may have.
    var tail: Offset
    var isClosed: Bool
    /// Which offsets were given.
    var ledger: StreamLedger
    /// Why nothing behind ``ordinal`` can be read; nil where nothing is there yet.
    var damage: FileFault?
    /// Where frames stand in the last segment, as far as that is known.
    var lastIndex: SegmentIndex?

    /// The place before the oldest event that is kept.
    var floor: Offset { segments.first?.before ?? tail }

    /// The events after `offset`, read from the files.
    func page(
        after offset: Offset, limit: PageLimit, files: SegmentFileCache
    ) throws(EventLogError) -> EventPage {
        if offset != .start { try check(offset, files) }
        if offset >= tail || floor.index == tail.index {
            if let damage { throw damage.error(stream) }
            return EventPage(
                events: [], next: offset == .start ? tail : offset, isUpToDate: true, isAtEnd: isClosed)
        }
        do throws(FileFault) {
            var read = PageRead(view: self, after: offset, limit: limit)
            return try read.run(files)
        } catch {
            throw error.error(stream)
        }
    }

    /// The offset of the oldest event that is kept; nil when there is none, or it cannot be read.
    func oldest(_ files: SegmentFileCache) -> Offset? {
        guard floor.index < tail.index else { return nil }
        var read = PageRead(view: self, after: .start, limit: PageLimit(events: 1))
        return (try? read.run(files))?.events.first?.offset
    }

    /// Checks that a reader may go on after an offset.
    func check(_ offset: Offset, _ files: SegmentFileCache) throws(EventLogError) {
        // Its era does not matter to the ledger's law, and finding it takes a look into a file.
        let nearly = Offset(era: tail.era, index: floor.index + 1)
        do throws(EventLogError) {
            try ledger.checkRead(after: offset, oldest: nearly, in: stream)
        } catch {
            try ledger.checkRead(after: offset, oldest: oldest(files), in: stream)
        }
    }
}

/// Reads one page from the files.
struct PageRead {
    private let view: StreamView
    private let offset: Offset
    private var room: PageRoom
    /// How much of a file is read at a time: about what the page and the way to its beginning take.
    private let stretch: Int
    private var events: [LoggedEvent] = []
    private var decoder = EventDecoder()

    init(view: StreamView, after offset: Offset, limit: PageLimit) {
        self.view = view
        self.offset = offset
        room = PageRoom(limit)
        stretch = min(max(32 << 10, limit.bytes), 64 << 10) + SegmentIndex.stride
    }

    mutating func run(_ files: SegmentFileCache) throws(FileFault) -> EventPage {
        var place = max(0, (view.segments.lastIndex { $0.before <= offset } ?? 0))
        do throws(FileFault) {
            while place < view.segments.count, !room.isFull {
                try read(place, files)
                place += 1
            }
        } catch {
            // What stands before the fault is answered; the next read meets the fault again.
            if events.isEmpty { throw error }
        }
        let end = events.last?.offset ?? offset
        let isUpToDate = end >= view.tail && view.damage == nil
        return EventPage(
            events: events, next: end, isUpToDate: isUpToDate, isAtEnd: isUpToDate && view.isClosed)
    }

    private mutating func read(_ place: Int, _ files: SegmentFileCache) throws(FileFault) {
        let name = view.segments[place]
        let isLast = place + 1 == view.segments.count
        // A segment that was given up may hold frames that its successor has again.
        let end = isLast ? view.ordinal : min(view.ordinal, view.segments[place + 1].firstOrdinal - 1)
        guard name.firstOrdinal <= end else { return }
        let segment = try files.segment(name, in: view.directory, life: view.life, isEnded: !isLast)
        let sealed = segment.seal?.checkpoint.index
        let entry = (isLast ? view.lastIndex ?? sealed : sealed)?.entry(before: offset)
        var ordinal = entry?.ordinal ?? name.firstOrdinal
        let start = entry?.position ?? segment.header.size
        var walk = FrameWalk(segment.file, salt: segment.header.salt, at: start, stretch: stretch)
        while ordinal <= end, !room.isFull {
            let header: FrameHeader
            switch try walk.look(for: ordinal) {
            case .frame(let found): header = found
            case .nothing, .needs: throw fault(walk, "record \(ordinal) is missing")
            case .damage(let reason): throw fault(walk, "record \(ordinal) is damaged: \(reason)")
            }
            if header.last > offset {
                let isWhole = walk.withFrame(header) {
                    decoder.decode(header, $0, after: offset, into: &events, room: &room)
                }
                guard isWhole else { throw fault(walk, "record \(ordinal) does not hold what its header says") }
            }
            walk.pass(header)
            if !header.isControl { ordinal += 1 }
        }
    }

    private func fault(_ walk: FrameWalk, _ what: String) -> FileFault {
        .damage(path: walk.file.path, position: walk.position, what: what)
    }
}
