import StreamCore
import StreamDelivery
import Testing

/// PUT, POST, HEAD and DELETE of Durable Streams 1.0 (§5.1–5.5, §9.1).
@Suite struct StreamWritingTests {
    @Test func aStreamIsMadeOnceAndFoundAgain() async throws {
        try await StreamServer.with { (server) async throws in
            let made = try await server.put("a/b")
            #expect(made.status == 201)
            #expect(made["location"] == "http://example.org/v1/stream/a/b")
            #expect(made["content-type"] == "text/plain")
            #expect(Offset(made.next) != nil)
            #expect(!made.isClosed)
            let found = try await server.put("a/b", "TEXT/plain; charset=utf-8")
            #expect(found.status == 200)
            #expect(found["location"] == nil)
            #expect(try await server.put("a/b", "application/json").status == 409)
            #expect(try await server.put("a/b", "text/plain", "", [("Stream-TTL", "60")]).status == 409)
            #expect(try await server.put("a/b", "text/plain", "", [("Stream-Closed", "true")]).status == 409)
        }
    }

    @Test func theBodyOfAPutIsTheFirstContent() async throws {
        try await StreamServer.with { (server) async throws in
            let made = try await server.put("a", "text/plain", "begin")
            let read = try await server.get("a")
            #expect(read.text == "begin")
            #expect(read.next == made.next)
            #expect(read.isUpToDate)
            // A repetition finds the stream, and appends nothing.
            #expect(try await server.put("a", "text/plain", "begin").status == 200)
            #expect(try await server.get("a").text == "begin")
            #expect(try await server.put("default", nil).status == 201)
            #expect(try await server.get("default")["content-type"] == "application/octet-stream")
        }
    }

    @Test(arguments: ["-1", "+60", "060", "60.0", "6e1", "", "abc", "99999999999999999999"])
    func aMalformedLifetimeIsRefused(value: String) async throws {
        try await StreamServer.with { (server) async throws in
            #expect(try await server.put("a", "text/plain", "", [("Stream-TTL", value)]).status == 400)
            #expect(try await server.put("a", "text/plain", "", [("Stream-Expires-At", value)]).status == 400)
            #expect(try await server.send("HEAD", "a").status == 404)
        }
    }

    @Test func lifetimesAreToldAndKept() async throws {
        try await StreamServer.with { (server) async throws in
            let both = [("Stream-TTL", "60"), ("Stream-Expires-At", "2030-01-01T00:00:00Z")]
            #expect(try await server.put("a", "text/plain", "", both).status == 400)
            #expect(try await server.put("a", "text/plain", "", [("Stream-TTL", "2")]).status == 201)
            #expect(try await server.put("a", "text/plain", "", [("Stream-TTL", "2")]).status == 200)
            #expect(try await server.put("a", "text/plain", "", [("Stream-TTL", "3")]).status == 409)
            #expect(try await server.send("HEAD", "a")["stream-ttl"] == "2")
            #expect(
                try await server.put("b", "text/plain", "", [("Stream-Expires-At", "2030-01-01T01:00:00+01:00")]).status
                    == 201)
            #expect(try await server.send("HEAD", "b")["stream-expires-at"] == "2030-01-01T00:00:00Z")
            // A read extends the life, a HEAD does not.
            server.time.advance(by: .milliseconds(1500))
            #expect(try await server.get("a").status == 200)
            server.time.advance(by: .milliseconds(1500))
            #expect(try await server.send("HEAD", "a").status == 200)
            server.time.advance(by: .milliseconds(600))
            #expect(try await server.send("HEAD", "a").status == 404)
            #expect(try await server.get("a").status == 404)
            #expect(try await server.post("a", "x").status == 404)
        }
    }

    @Test func whatIsAppendedIsReadAtOnce() async throws {
        try await StreamServer.with { (server) async throws in
            let made = try await server.put("a")
            let first = try await server.post("a", "one")
            #expect(first.status == 204)
            let second = try await server.post("a", "two")
            #expect(made.next < first.next && first.next < second.next)
            #expect(try await server.get("a").text == "onetwo")
            #expect(try await server.get("a?offset=\(first.next)").text == "two")
            #expect(try await server.send("HEAD", "a").next == second.next)
        }
    }

    @Test func bytesOfAllValuesSurvive() async throws {
        try await StreamServer.with { (server) async throws in
            let type = [("Content-Type", "application/octet-stream")]
            _ = try await server.send("PUT", "a", type)
            let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try await server.send("POST", "a", type, bytes).status == 204)
            #expect(try await server.get("a").bytes == bytes)
        }
    }

    @Test func refusalsOfAppends() async throws {
        try await StreamServer.with { (server) async throws in
            #expect(try await server.post("none", "x").status == 404)
            try await server.put("a")
            #expect(try await server.post("a", "").status == 400)
            #expect(try await server.post("a", "x", type: nil).status == 400)
            #expect(try await server.post("a", "x", type: "application/json").status == 409)
            #expect(try await server.post("a", "x", type: "TEXT/PLAIN").status == 204)
            #expect(try await server.send("PATCH", "a").status == 405)
            #expect(try await server.get("a").text == "x")
        }
    }

    @Test func sequencesRiseBytewise() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            for (sequence, status) in [
                ("09", 204), ("10", 204), ("10", 409), ("1", 409), ("2", 204), ("10", 409), ("a", 204), ("B", 409),
            ] {
                #expect(try await server.post("a", "x", [("Stream-Seq", sequence)]).status == status, "\(sequence)")
            }
            #expect(try await server.get("a").text == "xxxx")
        }
    }

    @Test func aDeletedStreamIsGoneAndItsNameBeginsAnew() async throws {
        try await StreamServer.with { (server) async throws in
            let old = try await server.put("a", "text/plain", "old")
            #expect(try await server.send("DELETE", "a").status == 204)
            #expect(try await server.send("DELETE", "a").status == 404)
            #expect(try await server.get("a").status == 404)
            #expect(try await server.put("a", "text/plain", "new").status == 201)
            #expect(try await server.get("a").text == "new")
            // What was read of the old one is no place of the new one.
            #expect(try await server.get("a?offset=\(old.next)").status == 410)
        }
    }

    @Test func everyAnswerIsSafeForBrowsers() async throws {
        try await StreamServer.with { (server) async throws in
            let answers = [
                try await server.put("a", "text/plain", "x"), try await server.post("a", "y"),
                try await server.get("a"),
                try await server.send("HEAD", "a"), try await server.get("none"),
                try await server.get("a?offset=-1&live=sse"), try await server.get("a?offset=-1&live=long-poll"),
            ]
            for answer in answers {
                #expect(answer["x-content-type-options"] == "nosniff")
                #expect(answer["cross-origin-resource-policy"] != nil)
            }
            #expect(try await server.send("HEAD", "a")["cache-control"] == "no-store")
        }
    }

    @Test(arguments: ["", "a//b", "../a", "a%2", "a%00b", "ä", "a b", "a?b".replacing("?", with: "%3F")])
    func namesThatNoStreamHasAreRefused(name: String) async throws {
        try await StreamServer.with { (server) async throws in
            #expect(try await server.put(name).status == 400)
        }
    }

    @Test func whatIsNotServedSaysSo() async throws {
        try await StreamServer.with { (server) async throws in
            #expect(try await server.send("PUT", "__ds/subscriptions/1").status == 501)
            let elsewhere = await server.endpoint.respond(to: DeliveryRequest(path: "/v2/a"))
            #expect(elsewhere.status == 404)
        }
    }

    // MARK: JSON (§9.1)

    @Test(arguments: [
        (#"{"a": 1}"#, #"[{"a":1}]"#), (#"[1, "x,]", [2, 3]]"#, #"[1,"x,]",[2,3]]"#), ("[[1,2]]", "[[1,2]]"),
        (#""a\"b \\""#, #"["a\"b \\"]"#), ("null", "[null]"), (" \n[ 1.50 ,\t1e3 ] ", "[1.50,1e3]"),
        (#"{"k": "a\nb"}"#, #"[{"k":"a\nb"}]"#),
    ])
    func oneLevelOfArraysIsMessages(body: String, read: String) async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "application/json")
            #expect(try await server.post("a", body, type: "application/json; charset=utf-8").status == 204)
            let answer = try await server.get("a")
            #expect(answer.text == read)
            #expect(answer["content-type"] == "application/json")
        }
    }

    @Test func messagesOfSeveralAppendsAreOneArray() async throws {
        try await StreamServer.with { (server) async throws in
            #expect(try await server.put("a", "application/json", "[]").status == 201)
            #expect(try await server.get("a").text == "[]")
            #expect(try await server.post("a", "[]", type: "application/json").status == 400)
            #expect(try await server.post("a", "{", type: "application/json").status == 400)
            #expect(try await server.post("a", "[1,]", type: "application/json").status == 400)
            #expect(try await server.put("b", "application/json", "{").status == 400)
            #expect(try await server.send("HEAD", "b").status == 404)
            try await server.post("a", "1", type: "application/json")
            try await server.post("a", "[2,3]", type: "application/json")
            #expect(try await server.get("a").text == "[1,2,3]")
        }
    }
}
