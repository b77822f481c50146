import StreamCore

/// What a stream was made with, in the file `stream`, which is never changed.
struct StreamManifest: Sendable, Hashable {
    static let magic: [UInt8] = Array("AGSTRMAN".utf8)
    static let version: UInt32 = 1
    static let maxSize = 1 << 16

    var stream: StreamID
    /// The stream's life: random, another for each stream of the same name.
    var incarnation: UInt64
    var created: Timestamp
    var options: StreamOptions

    var bytes: [UInt8] {
        var bytes = StreamManifest.magic
        bytes.append(number: StreamManifest.version)
        bytes.append(number: UInt32(0))
        bytes.append(number: incarnation)
        bytes.append(number: created.millisecondsSince1970)
        bytes.append(text: stream.description)
        bytes.append(text: options.contentType)
        bytes.append(options.isClosed ? 1 : 0)
        switch options.lifetime {
        case .unlimited: bytes.append(0)
        case .sliding(let duration):
            bytes.append(1)
            bytes.append(duration: duration)
        case .until(let end):
            bytes.append(2)
            bytes.append(number: end.millisecondsSince1970)
        }
        let retention = options.retention
        bytes.append(optional: retention.maxEvents) { $0.append(number: Int64($1)) }
        bytes.append(optional: retention.maxBytes) { $0.append(number: Int64($1)) }
        bytes.append(optional: retention.maxAge) { $0.append(duration: $1) }
        bytes.append(optional: options.fork) { bytes, fork in
            bytes.append(text: fork.source.description)
            bytes.append(optional: fork.offset) { $0.append(offset: $1) }
        }
        return Checksummed.close(bytes)
    }

    init(stream: StreamID, incarnation: UInt64, created: Timestamp, options: StreamOptions) {
        self.stream = stream
        self.incarnation = incarnation
        self.created = created
        self.options = options
    }

    init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = try Checksummed.open(bytes, magic: StreamManifest.magic, version: StreamManifest.version)
        guard let manifest = StreamManifest(&reader) else { throw FormatError("its fields contradict each other") }
        self = manifest
    }

    private init?(_ reader: inout LittleEndianReader) {
        guard let incarnation = reader.number(UInt64.self), let created = reader.number(Int64.self),
            let stream = reader.text().flatMap({ try? StreamID($0) }), let contentType = reader.text(),
            let isClosed = reader.number(UInt8.self), let lifetime = reader.number(UInt8.self)
        else { return nil }
        var options = StreamOptions(contentType: contentType, isClosed: isClosed == 1)
        switch lifetime {
        case 0: options.lifetime = .unlimited
        case 1:
            guard let duration = reader.duration() else { return nil }
            options.lifetime = .sliding(duration)
        default:
            guard let end = reader.number(Int64.self) else { return nil }
            options.lifetime = .until(Timestamp(millisecondsSince1970: end))
        }
        guard let maxEvents = reader.optional({ $0.number(Int64.self) }),
            let maxBytes = reader.optional({ $0.number(Int64.self) }), let maxAge = reader.optional({ $0.duration() }),
            let fork = reader.optional({ reader -> ForkPoint? in
                guard let source = reader.text().flatMap({ try? StreamID($0) }),
                    let offset = reader.optional({ $0.offset() })
                else { return nil }
                return ForkPoint(source: source, offset: offset)
            })
        else { return nil }
        options.retention = Retention(
            maxEvents: maxEvents.map(Int.init), maxBytes: maxBytes.map(Int.init), maxAge: maxAge)
        options.fork = fork
        self.init(
            stream: stream, incarnation: incarnation, created: Timestamp(millisecondsSince1970: created),
            options: options)
    }
}

extension [UInt8] {
    fileprivate mutating func append(duration: Duration) {
        append(number: duration.components.seconds)
        append(number: duration.components.attoseconds)
    }

    fileprivate mutating func append<Value>(optional: Value?, _ write: (inout [UInt8], Value) -> Void) {
        append(optional == nil ? 0 : 1)
        if let optional { write(&self, optional) }
    }
}

extension LittleEndianReader {
    fileprivate mutating func duration() -> Duration? {
        guard let seconds = number(Int64.self), let attoseconds = number(Int64.self) else { return nil }
        return Duration(secondsComponent: seconds, attosecondsComponent: attoseconds)
    }

    /// Something that may be there: nil when the bytes are not right, an inner nil when it is not.
    fileprivate mutating func optional<Value>(_ read: (inout LittleEndianReader) -> Value?) -> Value?? {
        guard let isThere = number(UInt8.self) else { return nil }
        if isThere == 0 { return .some(nil) }
        return read(&self).map { .some($0) }
    }
}
