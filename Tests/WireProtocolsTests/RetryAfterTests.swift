import StreamCore
import Testing
import WireProtocols

@Suite("Retry-After")
struct RetryAfterTests {
    @Test(
        "Seconds, milliseconds and fractions",
        arguments: [
            ([("retry-after", "3")], .seconds(3)),
            ([("Retry-After", "0")], .zero),
            ([("retry-after", "1.5")], .milliseconds(1500)),
            ([("retry-after-ms", "250"), ("retry-after", "9")], .milliseconds(250)),
            ([("retry-after-ms", "soon"), ("retry-after", "9")], .seconds(9)),
            ([("retry-after", "9999999999999999")], .seconds(1e12)),
        ] as [([(String, String)], Duration)])
    func delays(fields: [(String, String)], expected: Duration) throws {
        #expect(try HeaderFields(fields).retryAfter() == expected)
    }

    @Test(
        "What makes no sense counts as not said",
        arguments: ["", "-1", "inf", "nan", "0x10", "1e3", "soon", "1.2.3", "12345678901234567"])
    func nonsense(value: String) throws {
        #expect(try HeaderFields([("retry-after", value)]).retryAfter(now: Timestamp(millisecondsSince1970: 0)) == nil)
    }

    @Test(
        "The three forms of a date",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ])
    func dates(text: String) throws {
        let now = Timestamp(millisecondsSince1970: 784_111_777_000 - 90_000)
        #expect(try HeaderFields([("retry-after", text)]).retryAfter(now: now) == .seconds(90))
        let later = Timestamp(millisecondsSince1970: 784_111_777_000 + 1)
        #expect(try HeaderFields([("retry-after", text)]).retryAfter(now: later) == .zero)
    }

    @Test("A date is compared with the server's own clock first")
    func serverClock() {
        let fields: HeaderFields = [
            "date": "Thu, 29 Feb 2024 23:59:30 GMT", "retry-after": "Fri, 01 Mar 2024 00:00:00 GMT",
        ]
        #expect(fields.retryAfter(now: Timestamp(millisecondsSince1970: .min)) == .seconds(30))
        let alone: HeaderFields = ["retry-after": "Fri, 01 Mar 2024 00:00:00 GMT"]
        #expect(alone.retryAfter() == nil)
        #expect(alone.retryAfter(now: Timestamp(millisecondsSince1970: .min)) == nil)
    }

    @Test(
        "No dates",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 6 Nov 99999 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "a b c d e", "::", "Sun, 06 Nov -994 08:49:37 GMT",
        ])
    func noDates(text: String) throws {
        #expect(try HeaderFields([("retry-after", text)]).retryAfter(now: Timestamp(millisecondsSince1970: 0)) == nil)
    }
}
