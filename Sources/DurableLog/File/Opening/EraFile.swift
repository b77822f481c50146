import StreamCore

/// The era in which a name may be used again after its stream was deleted, so that no offset is given twice.
///
/// A table of fixed size, for however many names: names share a place when their checksums do, which costs nothing but
/// an era that is left out.
struct EraFile: Sendable {
    static let places = 4096
    private static let entrySize = 8
    /// The file's size from the beginning, so that one that was cut is found out.
    private static let size = places * entrySize

    let directory: String
    let system: any FileSystem

    private var path: String { directory + "/eras" }

    private func place(of stream: StreamID) -> Int {
        var checksum = CRC32C()
        Array(stream.description.utf8).withUnsafeBytes { checksum.update($0) }
        return Int(checksum.value) % EraFile.places
    }

    /// The first era that the name may be used in.
    func era(of stream: StreamID) throws(FileFault) -> UInt32 {
        guard let table = try table() else { return 0 }
        return try era(at: place(of: stream), in: table)
    }

    // The whole table; nil when no era was used yet.
    private func table() throws(FileFault) -> [UInt8]? {
        guard let table = try system.contents(path, limit: EraFile.size), !table.isEmpty else { return nil }
        guard table.count == EraFile.size else {
            throw .damage(path: path, position: table.count, what: "the table of eras ends there")
        }
        return table
    }

    private func era(at place: Int, in table: [UInt8]) throws(FileFault) -> UInt32 {
        let start = place * EraFile.entrySize
        let entry = table.withUnsafeBytes { bytes -> (era: UInt32, check: UInt32)? in
            var reader = LittleEndianReader(bytes, at: start)
            guard let era = reader.number(UInt32.self), let check = reader.number(UInt32.self) else { return nil }
            return (era, check)
        }
        guard let entry, entry.era != 0 || entry.check != 0 else { return 0 }
        guard entry.check == EraFile.check(entry.era, place), entry.era <= Offset.maxEra else {
            throw .damage(path: path, position: start, what: "the era there is damaged")
        }
        return entry.era
    }

    /// What is damaged in the table.
    func damage() throws(FileFault) -> [FileFault] {
        var damage: [FileFault] = []
        let table: [UInt8]
        do throws(FileFault) {
            guard let found = try self.table() else { return [] }
            table = found
        } catch {
            guard case .damage = error else { throw error }
            return [error]
        }
        for place in 0..<EraFile.places {
            do throws(FileFault) { _ = try era(at: place, in: table) } catch { damage.append(error) }
        }
        return damage
    }

    /// Takes note that eras before `era` were used; on disk when it returns.
    func raise(_ stream: StreamID, to era: UInt32) throws(FileFault) {
        guard try self.era(of: stream) < era else { return }
        let place = place(of: stream)
        var bytes: [UInt8] = []
        bytes.append(number: era)
        bytes.append(number: EraFile.check(era, place))
        try storing { () throws(FileError) in
            try system.with(path, .create) { (file) throws(FileError) in
                let isNew = try system.status(of: file).size == 0
                if isNew { try system.truncate(file, to: EraFile.size) }
                try system.writeAll(bytes, to: file, at: place * EraFile.entrySize)
                try system.sync(file)
                if isNew { try system.syncDirectory(directory) }
            }
        }
    }

    private static func check(_ era: UInt32, _ place: Int) -> UInt32 {
        var bytes: [UInt8] = []
        bytes.append(number: era)
        bytes.append(number: UInt32(place))
        var checksum = CRC32C()
        bytes.withUnsafeBytes { checksum.update($0) }
        return checksum.value
    }
}
