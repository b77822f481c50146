#if Curl
    import Testing
    import WireProtocols

    @testable import CurlTransports

    @Suite("Heads from libcurl's lines")
    struct HeadAssemblerTests {
        private func take(_ lines: [String], limit: Int = 1000) -> [HeadAssembler.Step] {
            var assembler = HeadAssembler(limit: limit)
            return lines.map { assembler.take(Array($0.utf8)) }
        }

        @Test(
            "Status lines of all versions",
            arguments: ["HTTP/1.1 204 No Content\r\n", "HTTP/2 204\r\n", "HTTP/1.0 204\n"])
        func statusLines(line: String) {
            #expect(
                take([line, "A: b\r\n", "\r\n"]) == [
                    .needsMore, .needsMore, .head(ExchangeResponseHead(status: 204, headers: ["a": "b"])),
                ])
        }

        @Test("Fields keep their order and number, and lose the blanks around their values")
        func fields() throws {
            let headers = try HeaderFields([("A", "1"), ("b", ""), ("a", "2: ü"), ("c", "d e")])
            #expect(
                take(["HTTP/1.1 200 OK\r\n", "A:1\r\n", "b: \r\n", "a: \t2: ü \r\n", "c: d\r\n", " \t e\r\n", "\r\n"])
                    .last
                    == .head(ExchangeResponseHead(status: 200, headers: headers)))
        }

        @Test("What is no field is left out")
        func noFields() {
            #expect(
                take(["HTTP/1.1 200 OK\r\n", "nonsense\r\n", ": x\r\n", "a b: c\r\n", "d: e\r\n", "\r\n"]).last
                    == .head(ExchangeResponseHead(status: 200, headers: ["d": "e"])))
        }

        @Test("Interim responses and trailers are passed over")
        func others() {
            let steps = take([
                "HTTP/1.1 103 Early Hints\r\n", "link: x\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "a: b\r\n", "\r\n",
                "t: u\r\n",
                "\r\n",
            ])
            #expect(
                steps.filter { $0 != .needsMore } == [.head(ExchangeResponseHead(status: 200, headers: ["a": "b"]))])
            #expect(steps[5] != .needsMore)
        }

        @Test("Bytes are counted over all lines, whatever they are")
        func limit() {
            let line = "a: 3456789\n"
            let steps = take(["HTTP/1.1 200 OK\n"] + Array(repeating: line, count: 3), limit: 16 + 2 * line.utf8.count)
            #expect(steps == [.needsMore, .needsMore, .needsMore, .tooLarge])
            let interim = take(Array(repeating: ["HTTP/1.1 100 C\n", "\n"], count: 20).flatMap { $0 }, limit: 100)
            #expect(interim.contains(.tooLarge))
            let trailers = take(["HTTP/1.1 200 OK\n", "\n"] + Array(repeating: line, count: 10), limit: 60)
            #expect(trailers.last == .tooLarge)
        }

        @Test(
            "What is no status line",
            arguments: [
                "HTTP/1.1\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 abc\r\n", "HTTP/1.1 099 x\r\n",
            ])
        func malformed(line: String) {
            #expect(take([line]) == [.malformed])
        }

        @Test("An empty line without a status is no head")
        func empty() {
            #expect(take(["\r\n"]) == [.malformed])
        }
    }
#endif
