import StreamCore
import Testing
import WireProtocols

@Suite("Dates of HTTP (RFC 9110 §5.6.7)")
struct HTTPDateTests {
    /// Moments in seconds since 1970, as `date -u -d @N` of coreutils says them.
    static let known: [(seconds: Int64, text: String)] = [
        // The RFC's own example.
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (86_399, "Thu, 01 Jan 1970 23:59:59 GMT"),
        (86_400, "Fri, 02 Jan 1970 00:00:00 GMT"),
        // A year of four, a year of a hundred that is one of four hundred, and one that is none.
        (68_169_600, "Tue, 29 Feb 1972 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (978_307_199, "Sun, 31 Dec 2000 23:59:59 GMT"),
        (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
        // The last second that the form can say.
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ]

    @Test("Known moments are said in the preferred form, and read back", arguments: known.indices)
    func text(_ index: Int) {
        let (seconds, text) = HTTPDateTests.known[index]
        #expect(HTTPDate.text(Timestamp(millisecondsSince1970: seconds * 1000)) == text)
        #expect(HTTPDate.parse(text) == Timestamp(millisecondsSince1970: seconds * 1000))
    }

    @Test(
        "The RFC's three examples are one moment",
        arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func forms(_ text: String) {
        #expect(HTTPDate.parse(text) == Timestamp(millisecondsSince1970: 784_111_777_000))
    }

    @Test("A second is said until it is over")
    func wholeSeconds() {
        for rest in [0, 1, 999] as [Int64] {
            #expect(
                HTTPDate.text(Timestamp(millisecondsSince1970: 784_111_777_000 + rest))
                    == "Sun, 06 Nov 1994 08:49:37 GMT")
        }
    }

    @Test("What the form cannot say is the nearest that it can")
    func bounds() {
        for early in [-1, -86_400_000, .min] as [Int64] {
            #expect(HTTPDate.text(Timestamp(millisecondsSince1970: early)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        }
        for late in [253_402_300_799_999, 253_402_300_800_000, .max] as [Int64] {
            #expect(HTTPDate.text(Timestamp(millisecondsSince1970: late)) == "Fri, 31 Dec 9999 23:59:59 GMT")
        }
    }

    @Test("All that is said is read as it was meant, and the weekdays follow one another")
    func roundTrip() {
        // Some nine thousand moments over eight thousand years, each 324 days and a bit after the last.
        for seconds in stride(from: Int64(0), through: 253_402_300_799, by: 28_001_357) {
            let moment = Timestamp(millisecondsSince1970: seconds * 1000)
            #expect(HTTPDate.parse(HTTPDate.text(moment)) == moment)
        }
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        for day in 0..<1000 {
            let text = HTTPDate.text(Timestamp(millisecondsSince1970: Int64(day) * 86_400_000))
            #expect(text.prefix(3) == names[day % 7])
        }
    }

    @Test(
        "What is no date is none",
        arguments: [
            "", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 12345 08:49:37 GMT",
            String(repeating: "Sun, 06 Nov 1994 08:49:37 GMT", count: 3),
        ])
    func noDates(_ text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
