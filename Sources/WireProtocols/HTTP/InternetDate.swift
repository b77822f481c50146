package import StreamCore

/// Times in the form of RFC 3339 §5.6: `2026-01-31T12:00:00.5+01:00`.
package enum InternetDate {
    /// The moment that `text` says, or nil when it is no such time; fractions count to the millisecond.
    package static func parse(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard (20...64).contains(bytes.count), bytes[4] == 0x2D, bytes[7] == 0x2D,
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == 0x3A, bytes[16] == 0x3A,
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), (1...12).contains(month),
            let day = number(bytes[8..<10]), day >= 1, day <= CivilDate.days(inMonth: month, of: year),
            let hour = number(bytes[11..<13]), hour < 24, let minute = number(bytes[14..<16]), minute < 60,
            let second = number(bytes[17..<19]), second <= 60
        else { return nil }
        var rest = bytes[19...]
        var milliseconds = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            for place in 0..<3 {
                milliseconds =
                    milliseconds * 10 + (place < digits.count ? Int(digits[digits.startIndex + place]) - 0x30 : 0)
            }
            rest = rest.dropFirst(1 + digits.count)
        }
        guard let zone = offset(rest) else { return nil }
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - zone * 60
        return Timestamp(millisecondsSince1970: Int64(seconds) * 1000 + Int64(milliseconds))
    }

    /// The time in UTC, with milliseconds where there are any; nil before the year 0 and after 9999.
    package static func text(_ time: Timestamp) -> String? {
        let (days, rest) = time.millisecondsSince1970.quotientAndRemainder(dividingBy: 86_400_000)
        let milliseconds = rest < 0 ? rest + 86_400_000 : rest
        let date = CivilDate.date(daysSince1970: Int(rest < 0 ? days - 1 : days))
        guard (0...9999).contains(date.year) else { return nil }
        let seconds = milliseconds / 1000
        let fraction = milliseconds % 1000
        return "\(pad(Int64(date.year), 4))-\(pad(Int64(date.month), 2))-\(pad(Int64(date.day), 2))T"
            + "\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
            + (fraction == 0 ? "Z" : ".\(pad(fraction, 3))Z")
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    // Minutes east of UTC.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        if first | 0x20 == UInt8(ascii: "z") { return bytes.count == 1 ? 0 : nil }
        let start = bytes.startIndex
        guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-"), bytes.count == 6, bytes[start + 3] == 0x3A,
            let hours = number(bytes[start + 1..<start + 3]), hours < 24,
            let minutes = number(bytes[start + 4..<start + 6]), minutes < 60
        else { return nil }
        let total = hours * 60 + minutes
        return first == UInt8(ascii: "-") ? -total : total
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int(digit) - 0x30
        }
        return number
    }
}
