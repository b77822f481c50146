/// One header field of an HTTP message: a name and a value, both checked.
///
/// The name is a token (RFC 9110 §5.6.2); the value has no CR, LF or NUL, so that no value can start another field
/// (RFC 9110 §5.5), and no spaces or tabs around it. It is sent as UTF-8.
public struct HeaderField: Sendable {
    /// The name as it was written; names are compared without case.
    public let name: String
    /// The value, without spaces and tabs around it.
    public let value: String

    /// A field from a name and a value.
    ///
    /// - Throws: ``HeaderFieldError`` when HTTP does not allow the name or the value.
    public init(_ name: String, _ value: String) throws(HeaderFieldError) {
        guard !name.isEmpty else { throw HeaderFieldError(code: .emptyName, name: name, position: 0) }
        for (position, byte) in name.utf8.enumerated() where !HeaderField.isToken(byte) {
            throw HeaderFieldError(code: .invalidName, name: name, position: position)
        }
        for (position, byte) in value.utf8.enumerated() where byte == 0x0D || byte == 0x0A || byte == 0 {
            throw HeaderFieldError(code: .invalidValue, name: name, position: position)
        }
        self.name = name
        self.value = HeaderField.trimmed(value)
    }

    /// Whether the field has this name, compared without case.
    public func isNamed(_ other: String) -> Bool {
        HeaderField.equalWithoutCase(name, other)
    }

    /// Whether a field of this name carries a credential, so that its value is never printed, logged or sent to another origin.
    ///
    /// True for `authorization`, `proxy-authorization`, `cookie`, `set-cookie`, and every name with `key`, `token`, `secret`,
    /// `password`, `credential` or `signature` as one of its parts between hyphens or underscores, so also for `x-api-key`.
    public static func isSensitive(_ name: String) -> Bool {
        let parts = name.lowercased().split { $0 == "-" || $0 == "_" }
        return parts.contains { part in
            switch part {
            case "authorization", "cookie", "cookie2", "apikey", "key", "keys", "token", "tokens", "secret", "password",
                "credential", "credentials", "signature", "auth":
                true
            default: false
            }
        }
    }

    /// Whether this field carries a credential; see ``isSensitive(_:)``.
    public var isSensitive: Bool { HeaderField.isSensitive(name) }

    /// Whether `text` is a token (RFC 9110 §5.6.2), as names of fields and methods must be.
    public static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isToken)
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The value without the blanks around it (RFC 9110 §5.5).
    static func trimmed(_ value: String) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        guard let first = value.utf8.first, let last = value.utf8.last, isBlank(first) || isBlank(last) else {
            return value
        }
        var bytes = value.utf8[...]
        while let byte = bytes.first, isBlank(byte) { bytes.removeFirst() }
        while let byte = bytes.last, isBlank(byte) { bytes.removeLast() }
        return String(Substring(bytes))
    }

    private static func equalWithoutCase(_ lhs: String, _ rhs: String) -> Bool {
        guard lhs.utf8.count == rhs.utf8.count else { return false }
        return zip(lhs.utf8, rhs.utf8).allSatisfy { folded($0) == folded($1) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}

extension HeaderField: Hashable {
    /// Whether the names, compared without case, and the values, compared bytewise, are the same.
    public static func == (lhs: HeaderField, rhs: HeaderField) -> Bool {
        equalWithoutCase(lhs.name, rhs.name) && lhs.value.utf8.elementsEqual(rhs.value.utf8)
    }

    /// Hashes the name without case, and the value.
    public func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(HeaderField.folded(byte)) }
        hasher.combine(value.utf8.count)
        for byte in value.utf8 { hasher.combine(byte) }
    }
}

extension HeaderField: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `name: value`, or `name: <redacted>` when the field is sensitive.
    public var description: String { "\(name): \(isSensitive ? "<redacted>" : value)" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The field as it is printed, so that `dump` shows no credential either.
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "value": isSensitive ? "<redacted>" : value])
    }
}
