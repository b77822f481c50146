internal import StreamCore
internal import WireProtocols

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What an HTTP response without success means, by its status and what its body says.
enum ErrorResponse {
    /// The most characters of a body that is no JSON.
    private static let maxTextLength = 300

    static func modelError(_ head: ExchangeResponseHead, body: [UInt8], url: String) -> ModelError {
        var failure = ProviderFailure(httpStatus: head.status)
        if let said = said(body, status: head.status) {
            failure = said
        } else {
            failure.message = "HTTP \(head.status) from \(url)\(text(of: body))"
        }
        var error = failure.modelError(provider: url)
        error.retryAfter = head.headers.retryAfter(now: now)
        error.requestID = head.headers["request-id"] ?? head.headers["x-request-id"]
        // The large providers say so where the status alone would mislead; they never mean a quota by it.
        switch head.headers["x-should-retry"] {
        case "true" where error.kind != .quotaExceeded:
            (error.isRetryable, error.retryReason) = (true, "the provider says that it may be tried again")
        case "false":
            (error.isRetryable, error.retryReason) = (false, "the provider says that it need not be tried again")
        default: break
        }
        return error
    }

    /// What a JSON body says, also within an event stream.
    private static func said(_ body: [UInt8], status: Int) -> ProviderFailure? {
        var reader = JSONReader(limits: JSONLimits(maxDepth: 64))
        func read(_ bytes: [UInt8]) -> ProviderFailure? {
            (try? reader.read(bytes) { ProviderFailure(reading: $0, isError: true, httpStatus: status) }) ?? nil
        }
        if let failure = read(body) { return failure }
        for line in body.split(separator: 0x0A) where line.starts(with: "data:".utf8) {
            if let failure = read(Array(line.dropFirst(5))) { return failure }
        }
        return nil
    }

    /// A body in words: the title of a web page, the beginning of a text.
    private static func text(of body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(4_096), as: UTF8.self)
        if text.first(where: { !$0.isWhitespace }) == "<" {
            guard let start = text.firstRange(of: "<title>")?.upperBound,
                let end = text[start...].firstRange(of: "</title>")?.lowerBound
            else { return ": a web page, not the API; check the base URL, or a proxy on the way" }
            return ": a web page titled '\(words(text[start..<end]))'"
        }
        let words = words(text[...])
        return words.isEmpty ? " with an empty body" : ": \(words)"
    }

    private static func words(_ text: Substring) -> String {
        String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(maxTextLength))
    }

    /// The time, for a `Retry-After` that is a date, from a server that does not tell its own.
    private static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSince1970: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
