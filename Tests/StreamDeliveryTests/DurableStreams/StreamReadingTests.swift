import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Testing

/// GET of Durable Streams 1.0: catch-up, long-poll and event streams (§5.6–5.8, §8, §10.1).
@Suite struct StreamReadingTests {
    @Test func pagesLeadToTheTail() async throws {
        try await StreamServer.with(page: PageLimit(events: 2)) { (server) async throws in
            try await server.put("a")
            for text in ["1", "2", "3", "4", "5"] { try await server.post("a", text) }
            var (text, target, answers) = ("", "a", [Answer]())
            while answers.last?.isUpToDate != true {
                answers.append(try await server.get(target))
                text += answers[answers.count - 1].text
                target = "a?offset=\(answers[answers.count - 1].next)"
            }
            #expect(text == "12345")
            #expect(answers.map(\.text) == ["12", "34", "5"])
            try await server.post("a", "", [("Stream-Closed", "true")])
            // Only who has reached the end is told that it is one.
            #expect(try await server.get("a").isClosed == false)
            #expect(try await server.get(target).isClosed)
            #expect(try await server.get(target).status == 200)
        }
    }

    @Test func placesHaveNames() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "application/json", "[1]")
            let tail = try await server.send("HEAD", "a").next
            #expect(try await server.get("a?offset=-1").text == "[1]")
            #expect(try await server.get("a?unknown=1&also").text == "[1]")
            let now = try await server.get("a?offset=now")
            #expect(now.status == 200 && now.text == "[]" && now.next == tail && now.isUpToDate)
            #expect(now["cache-control"] == "no-store")
            #expect(now["etag"] == nil)
            try await server.post("a", "2", type: "application/json")
            #expect(try await server.get("a?offset=\(now.next)").text == "[2]")
            #expect(try await server.get("none?offset=now").status == 404)
            try await server.put("b")
            #expect(try await server.get("b?offset=now").bytes.isEmpty)
        }
    }

    @Test(arguments: [
        "", "0,1", "0%201", "a", "../x", "1%00", "1%0A", "00000000000000", "00000000000000z", "-2", "1&offset=2", "%FF",
        "%zz",
    ])
    func offsetsThatNobodyGaveAreRefused(offset: String) async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            for live in ["", "&live=long-poll", "&live=sse"] {
                #expect(try await server.get("a?offset=\(offset)\(live)").status == 400)
            }
        }
    }

    @Test func aPlaceThatIsNotKeptIsGone() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            let lost = "00000000000000v"
            for live in ["", "&live=long-poll", "&live=sse"] {
                #expect(try await server.get("a?offset=\(lost)\(live)").status == 410)
            }
        }
    }

    @Test func entityTagsChangeWithDataAndWithTheEnd() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            let first = try await server.get("a")
            let tag = try #require(first["etag"])
            let same = try await server.get("a", [("If-None-Match", tag)])
            #expect(same.status == 304 && same.bytes.isEmpty)
            #expect(try await server.get("a", [("If-None-Match", "\"other\"")]).text == "x")
            let tail = "a?offset=\(first.next)"
            let open = try #require(try await server.get(tail)["etag"])
            try await server.post("a", "", [("Stream-Closed", "true")])
            let closed = try await server.get(tail, [("If-None-Match", open)])
            #expect(closed.status == 200 && closed.isClosed)
            #expect(try await server.get("a", [("If-None-Match", tag)]).status == 200)
        }
    }

    @Test func internalEventsNeverLeave() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let secret = StreamEvent(type: .tool, visibility: .internal, payload: Array("secret".utf8))
            try await server.log.append([secret], to: "a")
            try await server.post("a", "x")
            let end = try await server.log.append([secret], to: "a").last
            let read = try await server.get("a")
            #expect(read.text == "x")
            #expect(read.next == end.description && read.isUpToDate)
            let (_, text) = try await server.events("a?offset=-1&live=sse") { $0.contains("upToDate") }
            #expect(text.contains("data:x") && !text.contains("secret"))
        }
    }

    // MARK: Long-poll (§5.7)

    @Test func aPollAnswersAtOnceWhatIsThere() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "x")
            #expect(try await server.get("a?live=long-poll").status == 400)
            #expect(try await server.get("a?offset=-1&live=other").status == 400)
            #expect(try await server.get("none?offset=now&live=long-poll").status == 404)
            let answer = try await server.get("a?offset=-1&live=long-poll")
            #expect(answer.status == 200 && answer.text == "x" && answer.isUpToDate)
            let cursor = try #require(answer["stream-cursor"].flatMap { UInt64($0) })
            #expect(cursor == (1_800_000_000_000 - 1_728_432_000_000) / 20_000)
            let next = try await server.get("a?offset=-1&live=long-poll&cursor=\(cursor)")
            let later = try #require(next["stream-cursor"].flatMap { UInt64($0) })
            #expect((cursor + 1...cursor + 180).contains(later))
        }
    }

    @Test(arguments: ["now", "tail"])
    func aPollWaitsForWhatComes(place: String) async throws {
        try await StreamServer.with { (server) async throws in
            let tail = try await server.put("a", "text/plain", "x").next
            async let answer = server.get("a?offset=\(place == "now" ? "now" : tail)&live=long-poll")
            try await server.clock.waitForSleepers()
            try await server.post("a", "y")
            let result = try await answer
            #expect(result.status == 200 && result.text == "y" && result.isUpToDate)
        }
    }

    @Test func aPollEndsWithItsTime() async throws {
        try await StreamServer.with { (server) async throws in
            let tail = try await server.put("a", "text/plain", "x").next
            async let answer = server.get("a?offset=now&live=long-poll")
            try await server.clock.waitForSleepers()
            server.clock.advance(by: .seconds(20))
            let result = try await answer
            #expect(result.status == 204 && result.next == tail && result.isUpToDate && !result.isClosed)
            #expect(result["stream-cursor"] != nil)
        }
    }

    @Test func aPollEndsWithTheStream() async throws {
        try await StreamServer.with { (server) async throws in
            let tail = try await server.put("a", "text/plain", "x").next
            async let answer = server.get("a?offset=now&live=long-poll")
            try await server.clock.waitForSleepers()
            try await server.post("a", "", [("Stream-Closed", "true")])
            let result = try await answer
            #expect(result.status == 204 && result.isClosed && result.isUpToDate && result.next == tail)
            // At the end of a closed stream nobody waits: the clock stands still.
            for place in ["now", tail] {
                let end = try await server.get("a?offset=\(place)&live=long-poll")
                #expect(end.status == 204 && end.isClosed && end.isUpToDate && end.next == tail)
            }
        }
    }

    // MARK: Event streams (§5.8)

    @Test func messagesAreFollowedByTheirPlace() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "application/json", #"[{"n":1},{"n":2}]"#)
            let tail = try await server.send("HEAD", "a").next
            let (answer, text) = try await server.events("a?offset=-1&live=sse") { $0.contains("upToDate") }
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "text/event-stream")
            #expect(answer["cache-control"]?.contains("no-cache") == true)
            #expect(answer["stream-sse-data-encoding"] == nil)
            let last = try #require(Offset(tail))
            let one = try #require(Offset(era: last.era, index: last.index - 1))
            #expect(
                text == """
                    event: data
                    data:[{"n":1}]

                    event: control
                    data:{"streamNextOffset":"\(one)","streamCursor":"3578400"}

                    event: data
                    data:[{"n":2}]

                    event: control
                    data:{"streamNextOffset":"\(tail)","streamCursor":"3578400","upToDate":true}


                    """)
            let (_, rest) = try await server.events("a?offset=\(one)&live=sse") { $0.contains("upToDate") }
            #expect(rest.hasPrefix("event: data\ndata:[{\"n\":2}]\n"))
            #expect(try await server.get("a?live=sse").status == 400)
            #expect(try await server.get("none?offset=now&live=sse").status == 404)
        }
    }

    @Test func anEmptyStreamTellsItsPlace() async throws {
        try await StreamServer.with { (server) async throws in
            let tail = try await server.put("a").next
            for place in ["-1", "now", tail] {
                let (_, text) = try await server.events("a?offset=\(place)&live=sse") { $0.contains("upToDate") }
                #expect(
                    text
                        == "event: control\ndata:{\"streamNextOffset\":\"\(tail)\",\"streamCursor\":\"3578400\",\"upToDate\":true}\n\n"
                )
            }
            let (_, ahead) = try await server.events("a?offset=now&live=sse&cursor=4000000") { $0.contains("upToDate") }
            let cursor = try #require(ahead.split(separator: "streamCursor\":\"").last?.prefix { $0 != "\"" })
            #expect((UInt64(cursor) ?? 0) > 4_000_000)
        }
    }

    @Test func liveReadersGetTheLastMessageBeforeTheEnd() async throws {
        try await StreamServer.with { (server) async throws in
            let tail = try await server.put("a", "text/plain", "x").next
            async let events = server.events("a?offset=\(tail)&live=sse")
            try await server.post("a", "y", [("Stream-Closed", "true")])
            let (_, text) = try await events
            let data = try #require(text.firstRange(of: "event: data\ndata:y\n\n"))
            let end = try #require(text.firstRange(of: "\"streamClosed\":true}\n\n"))
            #expect(data.upperBound < end.lowerBound && end.upperBound == text.endIndex)
            // A reader of what is closed gets the end at once, and no cursor to come again with.
            let (_, again) = try await server.events("a?offset=now&live=sse")
            #expect(again.contains("\"upToDate\":true,\"streamClosed\":true") && !again.contains("streamCursor"))
        }
    }

    // §5.8: a control event after every data event, and up-to-date where nothing is known to follow.
    @Test func eachMessageIsFollowedByOneControlEvent() async throws {
        try await StreamServer.with { (server) async throws in
            let one = try await server.put("a", "text/plain", "x").next
            let answer = try await server.get("a?offset=-1&live=sse")
            guard case .stream(let source) = answer.response.body else {
                Issue.record("no stream")
                return
            }
            let waker = Waker(source.signal)
            source.attach { waker.ready() }
            var pieces = [await source.pull(waker) { _ in true }.0]
            // Something follows before it was said whether something does.
            let two = try await server.post("a", "y").next
            for _ in 0..<3 { pieces.append(await source.pull(waker) { _ in true }.0) }
            let cursor = "\"streamCursor\":\"3578400\""
            #expect(
                pieces == [
                    "event: data\ndata:x\n\n", "event: control\ndata:{\"streamNextOffset\":\"\(one)\",\(cursor)}\n\n",
                    "event: data\ndata:y\n\n",
                    "event: control\ndata:{\"streamNextOffset\":\"\(two)\",\(cursor),\"upToDate\":true}\n\n",
                ])
            // The stream's time is up behind a message: its control event still comes.
            let three = try await server.post("a", "z").next
            #expect(await source.pull(waker) { _ in true }.0 == "event: data\ndata:z\n\n")
            server.clock.advance(by: .seconds(60))
            #expect(source.heartbeat() == nil)
            let (last, hasEnded) = await source.pull(waker)
            #expect(last == "event: control\ndata:{\"streamNextOffset\":\"\(three)\",\(cursor)}\n\n" && hasEnded)
            source.end()
        }
    }

    @Test func theLastMessageOfAClosedStreamIsFollowedByTheEndAlone() async throws {
        try await StreamServer.with { (server) async throws in
            let tail = try await server.put("a", "text/plain", "x", [("Stream-Closed", "true")]).next
            let (_, text) = try await server.events("a?offset=-1&live=sse")
            #expect(
                text == """
                    event: data
                    data:x

                    event: control
                    data:{"streamNextOffset":"\(tail)","upToDate":true,"streamClosed":true}


                    """)
        }
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\rb"])
    func lineBreaksCannotMakeEvents(text: String) async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a", "text/plain", "\(text)\n\nevent: control\ndata: injected")
            let (_, stream) = try await server.events("a?offset=-1&live=sse") { $0.contains("upToDate") }
            #expect(
                stream.hasPrefix("event: data\ndata:a\ndata:b\ndata:\ndata:event: control\ndata:data: injected\n\n"))
            try await server.put("b", "text/plain", " two  blanks")
            let (_, blanks) = try await server.events("b?offset=-1&live=sse") { $0.contains("upToDate") }
            #expect(blanks.hasPrefix("event: data\ndata:  two  blanks\n\n"))
        }
    }

    @Test(arguments: ["application/octet-stream", "application/x-protobuf", "image/png"])
    func bytesAreEncoded(type: String) async throws {
        try await StreamServer.with { (server) async throws in
            _ = try await server.send("PUT", "a", [("Content-Type", type)], [0, 1, 254, 255])
            let (answer, text) = try await server.events("a?offset=-1&live=sse") { $0.contains("upToDate") }
            #expect(answer["stream-sse-data-encoding"] == "base64")
            #expect(text.hasPrefix("event: data\ndata:AAH+/w==\n\nevent: control\ndata:{"))
        }
    }

    @Test func anEventStreamEndsAfterAWhile() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let answer = try await server.get("a?offset=now&live=sse")
            guard case .stream(let source) = answer.response.body else {
                Issue.record("no stream")
                return
            }
            #expect(source.heartbeat().map { String(decoding: $0.bytes, as: UTF8.self) } == ": heartbeat\n\n")
            server.clock.advance(by: .seconds(60))
            #expect(source.heartbeat() == nil)
            #expect(await StreamServer.pull(source, until: { _ in false }) == "")
        }
    }
}
