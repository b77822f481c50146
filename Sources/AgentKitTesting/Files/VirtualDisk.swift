import DurableLog
import StreamCore

/// Files and directories in memory, which know what of them is on disk and what is only in the system's cache.
struct VirtualDisk: Sendable {
    /// What the disk writes whole or not at all.
    static let sector = 512

    struct File: Sendable {
        /// What reading the file gives.
        var cached: [UInt8] = []
        /// What is there after a loss of power.
        var stored: [UInt8] = []
        /// The sectors that a sync would write.
        var dirty: Set<Int> = []
        /// To how few bytes the file was cut since the last sync; what stood behind goes from the disk with the next one.
        var cut: Int?

        mutating func write(_ bytes: UnsafeRawBufferPointer, at position: Int) {
            resize(to: max(cached.count, position + bytes.count))
            cached.replaceSubrange(position..<position + bytes.count, with: bytes)
            if !bytes.isEmpty {
                dirty.formUnion(
                    (position / VirtualDisk.sector)...((position + bytes.count - 1) / VirtualDisk.sector))
            }
        }

        mutating func resize(to size: Int) {
            if size < cached.count {
                cached.removeLast(cached.count - size)
                cut = min(cut ?? size, size)
                dirty = dirty.filter { $0 * VirtualDisk.sector < size }
            }
            if size > cached.count { cached.append(contentsOf: repeatElement(0, count: size - cached.count)) }
        }

        /// Writes what is dirty, and nothing else: what a failed sync has left is not among it.
        mutating func sync() {
            stored = onDisk(hasSize: true) { _ in true }
            dirty = []
            cut = nil
        }

        /// What a failed sync leaves: the system takes the sectors for written, and they are not.
        mutating func failSync() {
            dirty = []
        }

        /// The file after a loss of power: of what was not synced, each sector and the size may have reached the disk or not.
        func afterLoss(_ random: inout SeededRandom) -> File {
            guard !dirty.isEmpty || cut != nil || stored.count != cached.count else {
                // After a failed sync the cache says more than the disk.
                return File(cached: stored, stored: stored)
            }
            // Mostly some of the sectors, sometimes none or all of them.
            let share: Double = [0.0, 0.2, 0.5, 0.8, 1].randomElement(using: &random) ?? 0.5
            let hasSize = Double.random(in: 0..<1, using: &random) < share
            let survivor = onDisk(hasSize: hasSize) { _ in Double.random(in: 0..<1, using: &random) < share }
            return File(cached: survivor, stored: survivor)
        }

        /// What stands on the disk when the size was written, or not, and some of the dirty sectors.
        private func onDisk(hasSize: Bool, _ isWritten: (Int) -> Bool) -> [UInt8] {
            var disk = stored
            if hasSize {
                if let cut, cut < disk.count { disk.removeLast(disk.count - cut) }
                if cached.count < disk.count { disk.removeLast(disk.count - cached.count) }
                disk.append(contentsOf: repeatElement(0, count: cached.count - disk.count))
            }
            for sector in dirty.sorted() where isWritten(sector) {
                let start = sector * VirtualDisk.sector
                let end = min(start + VirtualDisk.sector, disk.count, cached.count)
                if start < end { disk.replaceSubrange(start..<end, with: cached[start..<end]) }
            }
            return disk
        }
    }

    enum Entry: Sendable, Hashable {
        case file(Int)
        case directory
    }

    /// A change of names, on disk when its directory is synced.
    enum Change: Sendable {
        case set(String, Entry?)
        case move(String, to: String)

        var directories: [String] {
            switch self {
            case .set(let path, _): [VirtualDisk.parent(of: path)]
            case .move(let path, let new): [VirtualDisk.parent(of: path), VirtualDisk.parent(of: new)]
            }
        }
    }

    var files: [Int: File] = [:]
    var names: [String: Entry] = ["/": .directory]
    private var storedNames: [String: Entry] = ["/": .directory]
    private var changes: [Change] = []
    private var lastNumber = 1

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    mutating func makeFile(_ path: String) -> Int {
        lastNumber += 1
        files[lastNumber] = File()
        change(.set(path, .file(lastNumber)))
        return lastNumber
    }

    mutating func change(_ change: Change) {
        VirtualDisk.apply(change, to: &names)
        changes.append(change)
    }

    private static func apply(_ change: Change, to names: inout [String: Entry]) {
        switch change {
        case .set(let path, let entry): names[path] = entry
        case .move(let path, let new):
            names[new] = names.removeValue(forKey: path)
            for (name, entry) in names where name.hasPrefix(path + "/") {
                names[name] = nil
                names[new + name.dropFirst(path.count)] = entry
            }
        }
    }

    func children(of path: String) -> [String] {
        let prefix = path == "/" ? "/" : path + "/"
        return names.keys.filter { $0.hasPrefix(prefix) && $0 != prefix && !$0.dropFirst(prefix.count).contains("/") }
            .map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    /// Names reach the disk in the order of their changes, as in a journal.
    mutating func syncDirectory(_ path: String) {
        guard let last = changes.lastIndex(where: { $0.directories.contains(path) }) else { return }
        for change in changes[...last] { VirtualDisk.apply(change, to: &storedNames) }
        changes.removeSubrange(...last)
    }

    /// What is there after a loss of power.
    func afterLoss(_ random: inout SeededRandom) -> VirtualDisk {
        var disk = self
        for change in changes.prefix(Int.random(in: 0...changes.count, using: &random)) {
            VirtualDisk.apply(change, to: &disk.storedNames)
        }
        disk.names = disk.storedNames
        disk.changes = []
        disk.files = [:]
        for case .file(let number) in disk.names.values.sorted(by: { "\($0)" < "\($1)" }) {
            disk.files[number] = files[number]?.afterLoss(&random)
        }
        return disk
    }
}
