public import StreamCore

extension HeaderFields {
    /// The media type of the content in lower case, without its parameters: `text/event-stream` for
    /// `Text/Event-Stream; charset=utf-8`; nil without a `content-type` (RFC 9110 §8.3.1).
    public var mediaType: String? {
        guard let value = self["content-type"] else { return nil }
        let essence = HeaderField.trimmed(String(value.prefix { $0 != ";" }))
        return essence.isEmpty ? nil : essence.lowercased()
    }

    /// How long the server asks to wait before the request is sent again, or nil when it does not say.
    ///
    /// Read are `retry-after-ms` (milliseconds, as model providers send it) and else `retry-after` in seconds, with a fraction
    /// where a server sends one, or as a date (RFC 9110 §10.2.3), which is compared with the server's own `date`, else with
    /// `now`. Never negative; what makes no sense counts as not said.
    ///
    /// - Parameter now: The present, for a date when the response has no `date` of its own.
    public func retryAfter(now: Timestamp? = nil) -> Duration? {
        if let text = self["retry-after-ms"], let milliseconds = HeaderFields.nonNegative(text) {
            return .milliseconds(milliseconds)
        }
        guard let text = self["retry-after"] else { return nil }
        if let seconds = HeaderFields.nonNegative(text) { return .seconds(seconds) }
        guard let date = HTTPDate.parse(text), let reference = self["date"].flatMap(HTTPDate.parse) ?? now else {
            return nil
        }
        // Both are bounded by the four digits of a year, or by a caller's clock: the difference may still not trap.
        let (difference, overflow) = date.millisecondsSince1970.subtractingReportingOverflow(
            reference.millisecondsSince1970)
        return overflow ? nil : .milliseconds(Swift.max(0, difference))
    }

    private static func nonNegative(_ text: String) -> Double? {
        // Digits and one point only: `Double` would also take "inf", "nan" and hexadecimal.
        guard text.utf8.count <= 16, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let number = Double(text)
        else { return nil }
        // A number of 12 digits is 30,000 years: callers compare with a limit, and `Duration` cannot overflow.
        return Swift.min(number, 1e12)
    }
}
