/// The name of a stream: 1 … 120 ASCII characters in segments separated by `/`.
///
/// Allowed are letters, digits and `- _ . ~ : @ + =`, and `/` between segments; no segment is empty, `.` or `..`. So a name
/// is also a URL path without escaping (RFC 3986 §3.3). Names are case-sensitive.
public struct StreamID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The largest number of characters.
    public static let maxLength = 120

    /// The name.
    public let description: String

    /// A stream's name, checked.
    ///
    /// - Throws: ``StreamIDError`` that says what is wrong and where.
    public init(_ name: String) throws(StreamIDError) {
        let bytes = name.utf8
        guard !bytes.isEmpty else { throw StreamIDError(code: .empty, name: name, position: 0) }
        guard bytes.count <= StreamID.maxLength else {
            throw StreamIDError(code: .tooLong, name: name, position: StreamID.maxLength)
        }
        var segmentStart = 0
        var position = 0
        func checkSegment() throws(StreamIDError) {
            let segment = bytes.dropFirst(segmentStart).prefix(position - segmentStart)
            if segment.allSatisfy({ $0 == UInt8(ascii: ".") }), segment.count <= 2 {
                throw StreamIDError(code: .invalidSegment, name: name, position: segmentStart)
            }
        }
        for byte in bytes {
            if byte == UInt8(ascii: "/") {
                try checkSegment()
                segmentStart = position + 1
            } else if !StreamID.isAllowed(byte) {
                throw StreamIDError(code: .invalidCharacter, name: name, position: position)
            }
            position += 1
        }
        try checkSegment()
        description = name
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// Orders bytewise.
    public static func < (lhs: StreamID, rhs: StreamID) -> Bool {
        lhs.description.utf8.lexicographicallyPrecedes(rhs.description.utf8)
    }
}

// MARK: File names

extension StreamID {
    /// The one file name of this stream, at most 240 bytes: two streams never share it, not even where case is ignored.
    ///
    /// Upper-case letters become `!` and the lower-case letter, `/` becomes `!-`, `:` becomes `!.`, and a leading `.` becomes
    /// `!_`; all else stays. ``init(fileName:)`` reverses it.
    public var fileName: String {
        var name: [UInt8] = []
        name.reserveCapacity(description.utf8.count * 2)
        for (position, byte) in description.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): name += [UInt8(ascii: "!"), byte | 0x20]
            case UInt8(ascii: "/"): name += [UInt8(ascii: "!"), UInt8(ascii: "-")]
            case UInt8(ascii: ":"): name += [UInt8(ascii: "!"), UInt8(ascii: ".")]
            case UInt8(ascii: ".") where position == 0: name += [UInt8(ascii: "!"), UInt8(ascii: "_")]
            default: name.append(byte)
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// The stream whose ``fileName`` this is, or nil when it is none.
    public init?(fileName: String) {
        var name: [UInt8] = []
        var escaped = false
        for byte in fileName.utf8 {
            switch (escaped, byte) {
            case (false, UInt8(ascii: "!")):
                escaped = true
                continue
            case (false, _): name.append(byte)
            case (true, UInt8(ascii: "a")...UInt8(ascii: "z")): name.append(byte & ~0x20)
            case (true, UInt8(ascii: "-")): name.append(UInt8(ascii: "/"))
            case (true, UInt8(ascii: ".")): name.append(UInt8(ascii: ":"))
            case (true, UInt8(ascii: "_")): name.append(UInt8(ascii: "."))
            case (true, _): return nil
            }
            escaped = false
        }
        guard !escaped, let id = try? StreamID(String(decoding: name, as: UTF8.self)), id.fileName == fileName else {
            return nil
        }
        self = id
    }
}

extension StreamID: ExpressibleByStringLiteral {
    /// A stream's name written in source; a name that is not allowed is a programmer's error and traps.
    public init(stringLiteral name: String) {
        do throws(StreamIDError) {
            try self.init(name)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

extension StreamID: Codable {
    /// Reads a name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        do throws(StreamIDError) {
            try self.init(name)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
