#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A secret that goes into a request's header and nowhere else: it does not print, and `dump` does not show it.
struct Credential: Sendable {
    private let secret: String

    /// A secret, without the white space that copying and `export` leave around it; nil when nothing is left.
    init?(_ text: String) {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        guard !text.isEmpty else { return nil }
        secret = String(text)
    }

    /// The secret in an environment variable, or nil when it is not set or empty.
    static func fromEnvironment(_ name: String) -> Credential? {
        // `getenv` returns nil or a NUL-terminated string that is copied at once.
        guard let value = getenv(name) else { return nil }
        return Credential(String(cString: value))
    }

    /// The secret, for the header alone.
    func reveal() -> String { secret }

    /// A text without the secret, should a server have repeated it.
    func redact(_ text: String) -> String {
        guard secret.utf8.count >= 8, text.contains(secret) else { return text }
        return text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "[key]")
    }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[key]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
