package import StreamCore

/// The three forms of a date in HTTP (RFC 9110 §5.6.7), all of which a recipient must accept.
package enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The moment that `text` says, or nil when it is no date of HTTP.
    ///
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    package static func parse(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split { $0 == " " || $0 == "," }
        switch words.count {
        case 6 where words[5] == "GMT":
            return timestamp(day: words[1], month: words[2], year: words[3], time: words[4])
        case 4 where words[3] == "GMT":
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].count == 2, let short = number(parts[2]) else { return nil }
            // Two digits are of this century up to 69, as POSIX reads them; the form has been obsolete since 1994.
            let year = short < 70 ? 2000 + short : 1900 + short
            return timestamp(day: parts[0], month: parts[1], year: Substring(String(year)), time: words[2])
        case 5:
            return timestamp(day: words[2], month: words[1], year: words[4], time: words[3])
        default: return nil
        }
    }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// The last second of the year 9999: years have four digits.
    private static let lastSecond: Int64 = 253_402_300_799

    /// A moment in the preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`, in whole seconds; one before 1970 is said to be that year's start, and
    /// one after the year 9999 that year's end.
    package static func text(_ moment: Timestamp) -> String {
        let seconds = min(max(0, moment.millisecondsSince1970 / 1000), lastSecond)
        let (days, second) = (Int(seconds / 86_400), Int(seconds % 86_400))
        let date = CivilDate.date(daysSince1970: days)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0) }.joined(separator: ":")
        return
            "\(weekdays[days % 7]), \(padded(date.day)) \(months[date.month - 1]) \(padded(date.year, 4)) \(clock) GMT"
    }

    private static func timestamp(day: Substring, month: Substring, year: Substring, time: Substring) -> Timestamp? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, year.count == 4, let month = months.firstIndex(of: String(month)),
            let day = number(day), (1...31).contains(day), let year = number(year),
            let hour = number(clock[0]), hour < 24, let minute = number(clock[1]), minute < 60,
            let second = number(clock[2]), second <= 60
        else { return nil }
        let seconds =
            CivilDate.daysSince1970(year: year, month: month + 1, day: day) * 86_400 + hour * 3600 + minute * 60
            + second
        return Timestamp(millisecondsSince1970: Int64(seconds) * 1000)
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
