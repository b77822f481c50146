/// A URL with a scheme and a host, in parts, with references resolved against it (RFC 3986 §5): what a client of HTTP needs of URLs.
///
/// It is for transports, so that they need no Foundation. Nothing is decoded, and all but the letter case of scheme and host stays as
/// it was written.
package struct AbsoluteURL: Sendable, Hashable {
    /// The scheme in lower case.
    package let scheme: String
    /// What stands before the `@` of the authority, or nil.
    package let userInfo: String?
    /// The host in lower case; an IPv6 address stands in its brackets.
    package let host: String
    /// The port, when one is given.
    package let port: Int?
    /// The path, which may be empty.
    package let path: String
    /// What follows the `?`, or nil.
    package let query: String?

    /// The URL in `text`, without a fragment, which is never sent.
    ///
    /// Nil when it is no URL, has a character that must be percent-encoded, no host, or a port that is no number up to 65,535.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy(AbsoluteURL.isAllowed) else { return nil }
        self.init(parts: Reference(text), base: nil)
    }

    /// The URL that a reference means which this URL's resource holds, such as a `location`; nil when it has no host.
    ///
    /// Bytes that a URL may not hold are percent-encoded.
    package func resolving(_ reference: String) -> AbsoluteURL? {
        var encoded: [UInt8] = []
        for byte in reference.utf8 {
            if AbsoluteURL.isAllowed(byte) {
                encoded.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return AbsoluteURL(parts: Reference(String(decoding: encoded, as: UTF8.self)), base: self)
    }

    /// The URL in text, without a fragment.
    package var text: String {
        "\(scheme)://\(userInfo.map { $0 + "@" } ?? "")\(host)\(port.map { ":\($0)" } ?? "")\(path)"
            + (query.map { "?\($0)" } ?? "")
    }

    /// The port that a connection goes to: 443 for `https` and `wss`, 80 for others, when none is given.
    package var effectivePort: Int { port ?? (scheme == "https" || scheme == "wss" ? 443 : 80) }

    /// Whether both have the same scheme, host and port (RFC 6454 §5).
    package func isSameOrigin(as other: AbsoluteURL) -> Bool {
        scheme == other.scheme && host == other.host && effectivePort == other.effectivePort
    }

    private init?(parts: Reference, base: AbsoluteURL?) {
        // RFC 3986 §5.2.2.
        guard let scheme = parts.scheme ?? base?.scheme else { return nil }
        self.scheme = scheme
        if let authority = parts.authority {
            guard let split = Authority(authority) else { return nil }
            (userInfo, host, port) = (split.userInfo, split.host, split.port)
            (path, query) = (base == nil ? parts.path : AbsoluteURL.withoutDotSegments(parts.path), parts.query)
            return
        }
        guard parts.scheme == nil, let base else { return nil }
        (userInfo, host, port) = (base.userInfo, base.host, base.port)
        if parts.path.isEmpty {
            (path, query) = (base.path, parts.query ?? base.query)
        } else if parts.path.hasPrefix("/") {
            (path, query) = (AbsoluteURL.withoutDotSegments(parts.path), parts.query)
        } else {
            let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? "/"
            (path, query) = (AbsoluteURL.withoutDotSegments(folder + parts.path), parts.query)
        }
    }

    /// RFC 3986 §5.2.4, of a path that begins with a slash or is empty.
    private static func withoutDotSegments(_ path: String) -> String {
        guard path.contains("/.") else { return path }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        var kept: [Substring] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    /// Whether a URL may hold the byte: the unreserved and reserved characters and `%` (RFC 3986 §2).
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }
}

/// The parts of a URI reference (RFC 3986 §4.1), the fragment left out.
private struct Reference {
    var scheme: String?
    var authority: Substring?
    var path: String
    var query: String?

    init(_ text: String) {
        var rest = text.prefix { $0 != "#" }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(where: { $0 == ":" || $0 == "/" }), rest[colon] == ":",
            Reference.isScheme(rest[..<colon])
        {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            let start = rest.dropFirst(2)
            authority = start.prefix { $0 != "/" }
            rest = start.drop { $0 != "/" }
        }
        path = String(rest)
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    }
}

/// The parts of an authority (RFC 3986 §3.2).
private struct Authority {
    var userInfo: String?
    var host: String
    var port: Int?

    init?(_ text: Substring) {
        var rest = text
        if let at = rest.lastIndex(of: "@") {
            userInfo = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        var end = rest.endIndex
        if rest.first == "[" {
            guard let bracket = rest.firstIndex(of: "]") else { return nil }
            end = rest.index(after: bracket)
        } else if let colon = rest.firstIndex(of: ":") {
            end = colon
        }
        host = rest[..<end].lowercased()
        guard !host.isEmpty, host != "[]", !host.dropFirst().contains("[") else { return nil }
        let after = rest[end...]
        guard after.first == ":" || after.isEmpty else { return nil }
        let digits = after.dropFirst()
        guard !digits.isEmpty else { return }
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
            number <= 65_535
        else { return nil }
        port = number
    }
}
