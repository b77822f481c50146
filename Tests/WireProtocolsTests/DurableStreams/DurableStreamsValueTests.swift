import AgentKitTesting
import StreamCore
import Testing

@testable import WireProtocols

@Suite struct DurableStreamsValueTests {
    private func read(_ items: [(String, String)]) throws -> DurableStreamsRead {
        try DurableStreamsRead(query: items.map { (name: $0.0, value: $0.1) })
    }

    @Test func aQueryIsReadAndWritten() throws {
        let offset = try #require(Offset(era: 3, index: 77))
        let cases: [(DurableStreamsRead, String)] = [
            (DurableStreamsRead(), "offset=-1"), (DurableStreamsRead(.now), "offset=now"),
            (
                DurableStreamsRead(.after(offset), mode: .longPoll, cursor: 9),
                "cursor=9&live=long-poll&offset=\(offset)"
            ),
            (DurableStreamsRead(.start, mode: .sse), "live=sse&offset=-1"),
        ]
        for (value, query) in cases {
            #expect(value.query == query)
            let items = query.split(separator: "&").map { part in
                let pair = part.split(separator: "=", omittingEmptySubsequences: false)
                return (String(pair[0]), String(pair[1]))
            }
            #expect(try read(items) == value)
        }
        #expect(try read([]) == DurableStreamsRead())
        #expect(try read([("offset", "now"), ("cursor", "x"), ("other", "")]) == DurableStreamsRead(.now))
        #expect(throws: DurableStreamsViolation.self) { try read([("live", "sse")]) }
        #expect(throws: DurableStreamsViolation.self) { try read([("offset", "now"), ("live", "Sse")]) }
        #expect(throws: DurableStreamsViolation.self) { try read([("offset", "now"), ("offset", "now")]) }
    }

    @Test func cursorsNeverGoBack() {
        var random = SeededRandom(seed: 7)
        let now = Timestamp(millisecondsSince1970: StreamCursor.epoch.millisecondsSince1970 + 20_000 * 1000 + 19_999)
        #expect(StreamCursor.next(at: now, after: nil, using: &random) == 1000)
        #expect(StreamCursor.next(at: now, after: 999, using: &random) == 1000)
        for client in [1000, 1001, 999_999_999_999_999_999] as [UInt64] {
            for _ in 0..<100 {
                let next = StreamCursor.next(at: now, after: client, using: &random)
                #expect(next > client && next <= client + 180)
            }
        }
        let before = Timestamp(millisecondsSince1970: 0)
        #expect(StreamCursor.next(at: before, after: nil, using: &random) == 0)
        #expect(StreamCursor.number("999999999999999999") != nil)
        for text in ["", "-1", "1e3", "1000000000000000000", "x"] { #expect(StreamCursor.number(text) == nil) }
    }

    @Test func timesOfTheInternet() {
        let cases: [(String, Int64)] = [
            ("1970-01-01T00:00:00Z", 0), ("1994-11-06T08:49:37Z", 784_111_777_000),
            ("2024-02-29T23:59:60Z", 1_709_251_200_000), ("2026-01-31T12:00:00.5+01:00", 1_769_857_200_500),
            ("2026-01-31T12:00:00.123456-05:30", 1_769_880_600_123), ("0000-03-01t00:00:00z", -62_162_035_200_000),
        ]
        for (text, milliseconds) in cases {
            #expect(InternetDate.parse(text) == Timestamp(millisecondsSince1970: milliseconds), "\(text)")
        }
        for text in [
            "", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+1:00", "2026-01-31 12:00:00Z", "+026-01-31T12:00:00Z",
        ] {
            #expect(InternetDate.parse(text) == nil, "\(text)")
        }
    }

    @Test func timesAreWrittenAsTheyAreRead() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            let time = Timestamp(
                millisecondsSince1970: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random))
            let text = InternetDate.text(time)
            #expect(text.flatMap(InternetDate.parse) == time, "\(text ?? "nothing")")
        }
        #expect(InternetDate.text(Timestamp(millisecondsSince1970: 253_402_300_800_000)) == nil)
        #expect(InternetDate.text(Timestamp(millisecondsSince1970: .min)) == nil)
        #expect(InternetDate.text(Timestamp(millisecondsSince1970: .max)) == nil)
    }

    @Test func base64IsItsOwnInverse() {
        var random = SeededRandom(seed: 11)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64.decode(Base64.encoded(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        for text in ["A", "AA", "AAA", "====", "A===", "AA=A", "A=AA", "AAA ", "AA-_", "AAAA="] {
            #expect(Base64.decode(text.utf8) == nil, "\(text)")
        }
    }
}
