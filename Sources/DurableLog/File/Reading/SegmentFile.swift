import StreamCore

/// A segment opened for reading.
final class SegmentFile: Sendable {
    let name: SegmentName
    let file: OpenFile
    let header: SegmentHeader
    /// How a sealed segment ends; nil while it grows, and where the seal is damaged, so that it is read from its beginning.
    let seal: Seal?

    struct Seal: Sendable {
        var header: FrameHeader
        var checkpoint: Checkpoint
        /// Where the file ends.
        var end: Int
    }

    /// Opens a segment and checks its header.
    init(_ name: SegmentName, in directory: String, of system: any FileSystem) throws(FileFault) {
        self.name = name
        file = try OpenFile("\(directory)/\(name.fileName)", .read, in: system)
        header = try SegmentFile.header(of: file, name: name)
        seal = try SegmentFile.seal(of: file, header)
    }

    /// The header of the segment that a file of this name is.
    static func header(of file: OpenFile, name: SegmentName) throws(FileFault) -> SegmentHeader {
        var bytes = try file.read(at: 0, count: 4096)
        guard let size = bytes.withUnsafeBytes(SegmentHeader.size(in:)) else {
            throw .damage(path: file.path, position: 0, what: "it does not begin with a segment's header")
        }
        if size > bytes.count { bytes = try file.read(at: 0, count: size) }
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(FormatError) in
                try SegmentHeader(UnsafeRawBufferPointer(rebasing: bytes.prefix(size)))
            }
        }
        switch result {
        case .failure(let error):
            throw .damage(path: file.path, position: 0, what: "the segment's header: \(error)")
        case .success(let header):
            guard header.name == name else {
                throw .damage(path: file.path, position: 0, what: "its header is that of another segment")
            }
            return header
        }
    }

    private static func seal(of file: OpenFile, _ header: SegmentHeader) throws(FileFault) -> Seal? {
        let size = try file.status().size
        guard size >= header.size + FrameHeader.size else { return nil }
        let end = try file.read(at: size - SegmentIndex.endSize, count: SegmentIndex.endSize)
        guard let length = end.withUnsafeBytes(SegmentIndex.sealLength(in:)), size - length >= header.size else {
            return nil
        }
        let bytes = try file.read(at: size - length, count: length)
        return bytes.withUnsafeBytes { bytes in
            guard
                case .frame(let seal) = Frame.find(in: bytes, salt: header.salt, ordinal: nil, isAll: true),
                seal.flags.contains(.seal), seal.length == bytes.count, let checkpoint = Checkpoint(seal, bytes)
            else { return nil }
            return Seal(header: seal, checkpoint: checkpoint, end: size)
        }
    }
}
