public import WireProtocols

/// A request as the loopback server received it.
public struct LoopbackRequest: Sendable, Hashable {
    /// The method.
    public var method: String
    /// Path and query as they stand in the request line.
    public var target: String
    /// The header fields.
    public var headers: HeaderFields
    /// The body, after the transfer coding is undone.
    public var body: [UInt8]
    /// Which connection it came over, counted from 0 in the order in which they were accepted.
    public var connection: Int

    /// The target without its query.
    public var path: String { String(target.prefix { $0 != "?" }) }
}

/// Reads requests from the bytes of a connection; a value, so that it can be tested without one.
struct LoopbackRequestParser {
    struct Malformed: Error, Equatable {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    enum Step: Equatable {
        case needsMore
        /// The client waits for `100 Continue` before it sends the body.
        case expectsContinue
        case request(LoopbackRequest)
    }

    static let headLimit = 1 << 20
    static let bodyLimit = 256 << 20

    private var buffer: [UInt8] = []
    private var head: LoopbackRequest?
    private var saidContinue = false

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        buffer += bytes
    }

    mutating func next(connection: Int) throws(Malformed) -> Step {
        if head == nil {
            guard let end = LoopbackRequestParser.headEnd(buffer) else {
                if buffer.count > LoopbackRequestParser.headLimit { throw Malformed("the head is too large") }
                return .needsMore
            }
            head = try LoopbackRequestParser.parseHead(buffer[..<end], connection: connection)
            buffer.removeFirst(end + 4)
            saidContinue = false
        }
        guard var request = head else { return .needsMore }
        if let body = try takeBody(of: request) {
            request.body = body
            head = nil
            return .request(request)
        }
        if !saidContinue, request.headers["expect"]?.lowercased() == "100-continue" {
            saidContinue = true
            return .expectsContinue
        }
        return .needsMore
    }

    private mutating func takeBody(of request: LoopbackRequest) throws(Malformed) -> [UInt8]? {
        if request.headers["transfer-encoding"]?.lowercased() == "chunked" { return try takeChunkedBody() }
        guard let text = request.headers["content-length"] else { return [] }
        guard let length = Int(text), (0...LoopbackRequestParser.bodyLimit).contains(length) else {
            throw Malformed("content-length is '\(text)'")
        }
        guard buffer.count >= length else { return nil }
        defer { buffer.removeFirst(length) }
        return Array(buffer.prefix(length))
    }

    /// Reads from the start each time: simple, and good enough for requests of tests.
    private mutating func takeChunkedBody() throws(Malformed) -> [UInt8]? {
        var body: [UInt8] = []
        var position = 0
        while true {
            guard let end = LoopbackRequestParser.lineEnd(buffer, from: position) else { return nil }
            let digits = buffer[position..<end].prefix { $0 != UInt8(ascii: ";") }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0,
                size <= LoopbackRequestParser.bodyLimit - body.count
            else { throw Malformed("a chunk size is no number, or too large") }
            position = end + 2
            if size == 0 { break }
            guard buffer.count >= position + size + 2 else { return nil }
            body += buffer[position..<position + size]
            position += size + 2
        }
        while true {
            guard let end = LoopbackRequestParser.lineEnd(buffer, from: position) else { return nil }
            let isLast = end == position
            position = end + 2
            if isLast { break }
        }
        buffer.removeFirst(position)
        return body
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            while position + 3 < bytes.count {
                if bytes[position + 3] == 10, bytes[position] == 13, bytes[position + 1] == 10,
                    bytes[position + 2] == 13
                {
                    return position
                }
                position += 1
            }
            return nil
        }
    }

    private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        guard start + 2 <= bytes.count else { return nil }
        return (start...bytes.count - 2).first { bytes[$0] == 13 && bytes[$0 + 1] == 10 }
    }

    private static func parseHead(
        _ bytes: ArraySlice<UInt8>, connection: Int
    ) throws(Malformed) -> LoopbackRequest {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), HeaderField.isToken(String(words[0])), !words[1].isEmpty
        else { throw Malformed("the request line is '\((lines.first ?? "").prefix(100))'") }
        var headers = HeaderFields()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed("a header line has no colon") }
            do throws(HeaderFieldError) {
                try headers.append(String(line[..<colon]), String(line[line.index(after: colon)...]))
            } catch {
                throw Malformed("\(error)")
            }
        }
        return LoopbackRequest(
            method: String(words[0]), target: String(words[1]), headers: headers, body: [], connection: connection)
    }
}
