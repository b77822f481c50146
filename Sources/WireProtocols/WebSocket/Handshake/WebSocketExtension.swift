/// One element of `Sec-WebSocket-Extensions`: the name of an extension and its parameters, in order (RFC 6455 §9.1).
struct WebSocketExtension: Sendable, Hashable {
    struct Parameter: Sendable, Hashable {
        var name: String
        var value: String?
    }

    var name: String
    var parameters: [Parameter] = []

    /// More text or elements than anybody has use for are refused.
    static let textLimit = 4096
    static let countLimit = 64

    /// The elements of all fields of that name, or nil when they are not written as the RFC says.
    static func parse(_ values: [String]) -> [WebSocketExtension]? {
        guard values.reduce(0, { $0 + $1.utf8.count }) <= textLimit else { return nil }
        var extensions: [WebSocketExtension] = []
        var count = 0
        for value in values {
            var scanner = Scanner(rest: Substring(value).utf8)
            repeat {
                scanner.skipBlanks()
                // A list may have empty elements (RFC 9110 §5.6.1).
                if scanner.isAtEnd || scanner.next(is: ",") { continue }
                guard let name = scanner.token() else { return nil }
                var element = WebSocketExtension(name: name)
                while scanner.take(";") {
                    guard let name = scanner.token() else { return nil }
                    var parameter = Parameter(name: name)
                    if scanner.take("=") {
                        guard let value = scanner.token() ?? scanner.quotedToken() else { return nil }
                        parameter.value = value
                    }
                    element.parameters.append(parameter)
                    count += 1
                }
                extensions.append(element)
                count += 1
                guard count <= countLimit else { return nil }
            } while scanner.take(",")
            guard scanner.isAtEnd else { return nil }
        }
        return extensions
    }

    /// Reads tokens and what stands between them; blanks around them do not count.
    private struct Scanner {
        var rest: Substring.UTF8View

        var isAtEnd: Bool { rest.isEmpty }

        func next(is character: Character) -> Bool { rest.first == character.asciiValue }

        mutating func skipBlanks() {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        }

        mutating func take(_ character: Character) -> Bool {
            skipBlanks()
            guard next(is: character) else { return false }
            rest.removeFirst()
            skipBlanks()
            return true
        }

        mutating func token() -> String? {
            let end = rest.firstIndex { !HeaderField.isToken($0) } ?? rest.endIndex
            guard end > rest.startIndex else { return nil }
            defer { rest = rest[end...] }
            return String(Substring(rest[..<end]))
        }

        /// A quoted string, which must hold a token once its escapes are undone (RFC 6455 §9.1).
        mutating func quotedToken() -> String? {
            guard take("\"") else { return nil }
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""):
                    let text = String(decoding: bytes, as: UTF8.self)
                    return HeaderField.isToken(text) ? text : nil
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst() else { return nil }
                    bytes.append(escaped)
                default: bytes.append(byte)
                }
            }
            return nil
        }
    }
}
