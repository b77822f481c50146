#if Curl
    import StreamTransport
    import WireProtocols

    /// Puts the lines that libcurl hands over together to the head of the final response: a value without I/O.
    ///
    /// Interim responses (RFC 9110 §15.2) are passed over, and so are trailers; their bytes count.
    struct HeadAssembler {
        enum Step: Equatable {
            case needsMore
            case head(ExchangeResponseHead)
            /// The lines have more bytes than allowed.
            case tooLarge
            /// A status line that is none.
            case malformed
        }

        private let limit: Int
        private var count = 0
        private var status: Int?
        private var fields: [(name: String, value: String)] = []
        private(set) var isDone = false

        /// An assembler that takes at most `limit` bytes.
        init(limit: Int) {
            self.limit = limit
        }

        /// Takes a line, with or without its end.
        mutating func take(_ line: some Collection<UInt8>) -> Step {
            guard line.count <= limit - count else { return .tooLarge }
            count += line.count
            guard !isDone else { return .needsMore }
            let bytes = HeadAssembler.withoutEnd(Array(line)[...])
            if bytes.isEmpty { return endOfHead() }
            if bytes.starts(with: "HTTP/".utf8) && fields.isEmpty {
                guard let status = HeadAssembler.status(in: bytes) else { return .malformed }
                self.status = status
                return .needsMore
            }
            let first = bytes.first
            if first == 0x20 || first == 0x09, !fields.isEmpty {
                // A folded line (RFC 9112 §5.2): a part of the value before it.
                let rest = bytes.drop { $0 == 0x20 || $0 == 0x09 }
                fields[fields.count - 1].value += " " + String(decoding: rest, as: UTF8.self)
                return .needsMore
            }
            // What is no field is left out, as is what HTTP does not allow in one.
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return .needsMore }
            fields.append(
                (
                    String(decoding: bytes[..<colon], as: UTF8.self),
                    String(decoding: bytes[(colon + 1)...], as: UTF8.self)
                ))
            return .needsMore
        }

        private mutating func endOfHead() -> Step {
            defer {
                status = nil
                fields = []
            }
            guard let status else { return .malformed }
            if status < 200 { return .needsMore }
            isDone = true
            var headers = HeaderFields()
            for (name, value) in fields {
                if let field = try? HeaderField(name, value) { headers.append(field) }
            }
            return .head(ExchangeResponseHead(status: status, headers: headers))
        }

        private static func withoutEnd(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            var line = line
            if line.last == 0x0A { line.removeLast() }
            if line.last == 0x0D { line.removeLast() }
            return line
        }

        /// The status of `HTTP/1.1 200 OK` or `HTTP/2 200`.
        private static func status(in line: ArraySlice<UInt8>) -> Int? {
            let words = line.split(separator: 0x20, maxSplits: 2)
            guard words.count >= 2, words[1].count == 3, words[1].allSatisfy({ (0x30...0x39).contains($0) }),
                let status = Int(String(decoding: words[1], as: UTF8.self)), status >= 100
            else { return nil }
            return status
        }
    }
#endif
