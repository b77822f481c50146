import AgentKitTesting
import StreamCore
import StreamDelivery
import Testing

/// Forks (§4.2, §8 "Offsets and forked streams").
@Suite struct StreamForkTests {
    /// What the conformance suite writes for the beginning of a stream.
    private let zero = "0000000000000000_0000000000000000"

    private func fork(_ source: String, at offset: String? = nil, sub: String? = nil) -> [(String, String)] {
        [("Stream-Forked-From", "/v1/stream/\(source)")] + (offset.map { [("Stream-Fork-Offset", $0)] } ?? [])
            + (sub.map { [("Stream-Fork-Sub-Offset", $0)] } ?? [])
    }

    @Test func aForkHasTheBeginningAndGoesItsOwnWay() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let one = try await server.post("a", "1").next
            try await server.post("a", "2")
            #expect(try await server.put("head", nil, "", fork("a")).status == 201)
            #expect(try await server.put("early", "text/plain", "", fork("a", at: one)).status == 201)
            #expect(try await server.put("none", "text/plain", "", fork("a", at: zero)).status == 201)
            try await server.post("a", "3")
            for (name, text) in [("head", "12"), ("early", "1"), ("none", "")] {
                #expect(try await server.get(name).text == text)
                #expect(try await server.post(name, "x").status == 204)
                #expect(try await server.get(name).text == text + "x")
                #expect(try await server.get(name)["content-type"] == "text/plain")
            }
            #expect(try await server.get("head?offset=\(one)").text == "2x")
            #expect(try await server.get("a").text == "123")
            // It is found again as it was made, and nothing tells that it is a fork.
            let again = try await server.put("early", "text/plain", "", fork("a", at: one))
            #expect(again.status == 200)
            #expect(again["stream-forked-from"] == nil)
            #expect(try await server.put("early", "text/plain", "", fork("a", at: zero)).status == 409)
        }
    }

    @Test func refusals() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            try await server.put("json", "application/json")
            #expect(try await server.put("f", nil, "", fork("missing")).status == 404)
            #expect(try await server.put("f", "application/json", "", fork("a")).status == 409)
            #expect(try await server.put("json", "text/plain", "", fork("a")).status == 409)
            for offset in ["9999999999999999_9999999999999999", "x", "", "00000000000v000"] {
                #expect(try await server.put("f", nil, "", fork("a", at: offset)).status == 400, "\(offset)")
            }
            #expect(try await server.put("f", nil, "", [("Stream-Fork-Sub-Offset", "0")]).status == 400)
            #expect(try await server.put("f", nil, "", [("Stream-Fork-Offset", zero)]).status == 400)
            #expect(try await server.put("f", nil, "", [("Stream-Forked-From", "/elsewhere/a")]).status == 404)
            // None of them held on to the source.
            #expect(try await server.send("DELETE", "a").status == 204)
            #expect(try await server.send("HEAD", "a").status == 404)
        }
    }

    // MARK: Sub-offsets

    @Test(arguments: [("0", ""), ("3", "hel"), ("5", "hello"), ("8", "hello wo"), ("11", "hello world")])
    func bytesBehindTheForkOffset(sub: String, text: String) async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "hello")
            try await server.post("a", " world")
            #expect(try await server.put("f", nil, "", fork("a", at: zero, sub: sub)).status == 201)
            #expect(try await server.get("f").text == text)
            #expect(try await server.put("f", nil, "", fork("a", at: zero, sub: sub)).status == 200)
            for other in ["2", "7"] where other != sub {
                #expect(try await server.put("f", nil, "", fork("a", at: zero, sub: other)).status == 409)
            }
            try await server.post("f", "!")
            #expect(try await server.get("f").text == text + "!")
            #expect(try await server.put("g", nil, "?", fork("a", at: zero, sub: sub)).status == 201)
            #expect(try await server.get("g").text == text + "?")
        }
    }

    @Test func messagesBehindTheForkOffset() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "application/json", "[1,2]")
            try await server.post("a", "[3,4]", type: "application/json")
            for (sub, text) in [("1", "[1]"), ("3", "[1,2,3]"), ("4", "[1,2,3,4]")] {
                #expect(try await server.put("f\(sub)", nil, "", fork("a", at: zero, sub: sub)).status == 201)
                #expect(try await server.get("f\(sub)").text == text)
                #expect(try await server.put("f\(sub)", nil, "", fork("a", at: zero, sub: sub)).status == 200)
            }
            #expect(try await server.put("f1", nil, "", fork("a", at: zero, sub: "2")).status == 409)
            #expect(try await server.put("f", nil, "", fork("a", at: zero, sub: "5")).status == 400)
        }
    }

    @Test(arguments: ["-1", "abc", "1.5", "05", "+1", ""])
    func aMalformedSubOffsetIsRefused(sub: String) async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "hello")
            #expect(try await server.put("f", nil, "", fork("a", at: zero, sub: sub)).status == 400)
        }
    }

    @Test func aSubOffsetBeyondTheEndIsRefused() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "hello")
            #expect(try await server.put("f", nil, "", fork("a", at: zero, sub: "6")).status == 400)
            // Without an offset it begins at the end, behind which there is nothing.
            #expect(try await server.put("f", nil, "", fork("a", sub: "1")).status == 400)
            try await server.put("empty")
            #expect(try await server.put("f", nil, "", fork("empty", at: zero, sub: "1")).status == 400)
        }
    }

    // MARK: Lives

    @Test func aForkKnowsNothingOfWriters() async throws {
        try await StreamServer.with { (server) async throws in
            let stamp = [("Producer-Id", "p"), ("Producer-Epoch", "3"), ("Producer-Seq", "0"), ("Stream-Seq", "9")]
            try await server.put("a")
            _ = try await server.post("a", "x", stamp)
            try await server.put("f", nil, "", fork("a"))
            let first = [("Producer-Id", "p"), ("Producer-Epoch", "0"), ("Producer-Seq", "0"), ("Stream-Seq", "1")]
            #expect(try await server.post("f", "y", first).status == 200)
            #expect(try await server.get("f").text == "xy")
        }
    }

    @Test func closingIsEachOnesOwn() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            try await server.put("early", nil, "", fork("a"))
            try await server.post("a", "", [("Stream-Closed", "true")])
            try await server.put("late", nil, "", fork("a"))
            for name in ["early", "late"] {
                #expect(try await server.post(name, "y").status == 204)
                #expect(try await server.get(name).isClosed == false)
                try await server.post(name, "", [("Stream-Closed", "true")])
                #expect(try await server.get(name).isClosed)
            }
        }
    }

    @Test func aDeletedSourceStaysForItsForks() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "1")
            try await server.put("b", nil, "2", fork("a"))
            try await server.put("c", nil, "3", fork("b"))
            for name in ["b", "a"] { #expect(try await server.send("DELETE", name).status == 204) }
            for name in ["a", "b"] {
                #expect(try await server.get(name).status == 410, "\(name)")
                #expect(try await server.send("HEAD", name).status == 410)
                #expect(try await server.post(name, "x").status == 410)
                #expect(try await server.send("DELETE", name).status == 410)
                #expect(try await server.put(name).status == 409)
                #expect(try await server.put("d", nil, "", fork(name)).status == 409)
            }
            #expect(try await server.get("c").text == "123")
            #expect(try await server.send("DELETE", "c").status == 204)
            for name in ["a", "b", "c"] { #expect(try await server.send("HEAD", name).status == 404) }
            #expect(try await server.put("a").status == 201)
        }
    }

    @Test func aForkLivesAsLongAsItIsTold() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("ttl", "text/plain", "x", [("Stream-TTL", "10")])
            let end = "2030-01-01T00:00:00Z"
            try await server.put("end", "text/plain", "x", [("Stream-Expires-At", end)])
            try await server.put("none", "text/plain", "x")
            func lives(_ source: String, _ more: [(String, String)]) async throws -> [String?] {
                let name = "\(source)-\(more.first?.1 ?? "as-its-source")"
                #expect(try await server.put(name, nil, "", fork(source) + more).status == 201)
                let head = try await server.send("HEAD", name)
                return [head["stream-ttl"], head["stream-expires-at"]]
            }
            let later = "2031-01-01T00:00:00Z"
            for source in ["none", "ttl", "end"] {
                #expect(try await lives(source, [("Stream-TTL", "99")]) == ["99", nil])
                #expect(try await lives(source, [("Stream-Expires-At", later)]) == [nil, later])
            }
            #expect(try await lives("none", []) == [nil, nil])
            #expect(try await lives("ttl", []) == ["10", nil])
            #expect(try await lives("end", []) == [nil, end])
        }
    }

    @Test func liveReadersOfAForkWaitForItsOwnEvents() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            let tail = try await server.put("f", nil, "", fork("a")).next
            #expect(try await server.get("f?offset=-1&live=long-poll").text == "x")
            async let answer = server.get("f?offset=\(tail)&live=long-poll")
            try await server.clock.waitForSleepers()
            try await server.post("a", "of the source")
            try await server.post("f", "of the fork")
            #expect(try await answer.text == "of the fork")
            let (_, text) = try await server.events("f?offset=-1&live=sse") { $0.contains("upToDate") }
            #expect(text.contains("data:x\n") && text.contains("data:of the fork\n") && !text.contains("source"))
        }
    }
}
