/// Reading the small files of a stream's directory.
extension StreamManifest {
    /// The manifest of a directory; nil when there is none.
    static func read(in directory: String, _ system: any FileSystem) throws(FileFault) -> StreamManifest? {
        let path = "\(directory)/\(StreamScan.manifestName)"
        guard let bytes = try system.contents(path, limit: maxSize) else { return nil }
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(FormatError) in try StreamManifest(bytes) }
        }
        switch result {
        case .success(let manifest): return manifest
        case .failure(let error): throw .damage(path: path, position: 0, what: "\(error)")
        }
    }
}

extension SlottedRecord {
    /// The newer record of a file; nil when there is no file, or neither slot is whole.
    static func read(_ path: String, _ system: any FileSystem) throws(FileFault) -> Self? {
        guard let bytes = try system.contents(path, limit: slotSize + usedSize) else { return nil }
        let result = bytes.withUnsafeBytes { bytes in Result { () throws(FormatError) in try newest(in: bytes) } }
        switch result {
        case .success(let record): return record
        case .failure(let error): throw .damage(path: path, position: 0, what: "\(error)")
        }
    }
}

extension StreamMark {
    static func read(in directory: String, _ system: any FileSystem) throws(FileFault) -> StreamMark? {
        try read("\(directory)/\(StreamScan.markName)", system)
    }
}

extension SegmentName {
    /// The segments of a directory that count, in their order; empty when there is no directory.
    static func list(in directory: String, _ system: any FileSystem) throws(FileFault) -> [SegmentName] {
        valid(try all(in: directory, system))
    }

    /// All that are there.
    static func all(in directory: String, _ system: any FileSystem) throws(FileFault) -> [SegmentName] {
        do throws(FileError) {
            return (try system.list(directory) ?? []).compactMap(SegmentName.init(fileName:))
        } catch {
            throw .storage(error)
        }
    }
}

extension FileSystem {
    /// The first bytes of a small file; nil when there is none.
    func contents(_ path: String, limit: Int) throws(FileFault) -> [UInt8]? {
        do throws(FileError) {
            return try with(path, .read) { (file) throws(FileError) in try read(file, at: 0, count: limit) }
        } catch {
            if error.isNotFound { return nil }
            throw .storage(error)
        }
    }
}
