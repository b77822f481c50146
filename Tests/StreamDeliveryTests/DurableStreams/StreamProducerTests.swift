import StreamCore
import StreamDelivery
import Testing

/// Idempotent producers and closing (§4.1, §5.2.1, §5.3).
@Suite struct StreamProducerTests {
    private func stamp(_ epoch: String, _ sequence: String, id: String = "p") -> [(String, String)] {
        [("Producer-Id", id), ("Producer-Epoch", epoch), ("Producer-Seq", sequence)]
    }

    @Test func appendsAreTakenOnceInTheirOrder() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            for number in 0..<3 {
                let answer = try await server.post("a", "\(number)", stamp("0", "\(number)"))
                #expect(answer.status == 200)
                #expect(answer["producer-epoch"] == "0")
                #expect(answer["producer-seq"] == "\(number)")
            }
            // Whatever its content, a number that was taken is a repetition; the newest number is told.
            for body in ["1", "other"] {
                let again = try await server.post("a", body, stamp("0", "1"))
                #expect(again.status == 204)
                #expect(again["producer-seq"] == "2")
            }
            let gap = try await server.post("a", "x", stamp("0", "5"))
            #expect(gap.status == 409)
            #expect(gap["producer-expected-seq"] == "3")
            #expect(gap["producer-received-seq"] == "5")
            #expect(try await server.get("a").text == "012")
        }
    }

    @Test func aNewEpochFencesTheOld() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            #expect(try await server.post("a", "a", stamp("0", "0")).status == 200)
            #expect(try await server.post("a", "x", stamp("1", "1")).status == 400)
            #expect(try await server.post("a", "b", stamp("1", "0")).status == 200)
            let stale = try await server.post("a", "x", stamp("0", "1"))
            #expect(stale.status == 403)
            #expect(stale["producer-epoch"] == "1")
            // Producers know nothing of each other.
            #expect(try await server.post("a", "c", stamp("0", "0", id: "q")).status == 200)
            #expect(try await server.get("a").text == "abc")
        }
    }

    @Test func theThreeFieldsGoTogether() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let all = stamp("0", "0")
            for left in 0..<3 {
                var some = all
                some.remove(at: left)
                #expect(try await server.post("a", "x", some).status == 400)
                #expect(try await server.post("a", "x", [all[left]]).status == 400)
            }
            for value in ["1abc", "0xyz", "1e3", "-1", "", "01", "1.0", "9007199254740992", "+1"] {
                #expect(try await server.post("a", "x", stamp(value, "0")).status == 400, "\(value)")
                #expect(try await server.post("a", "x", stamp("0", value)).status == 400, "\(value)")
            }
            #expect(try await server.post("a", "x", stamp("0", "0", id: "")).status == 400)
            #expect(
                try await server.post("a", "x", stamp("0", "0", id: String(repeating: "p", count: 257))).status == 400)
            #expect(try await server.post("a", "", stamp("0", "0")).status == 400)
            #expect(try await server.post("a", "x", type: "application/json", stamp("0", "0")).status == 409)
            #expect(try await server.post("none", "x", stamp("0", "0")).status == 404)
            #expect(try await server.get("a").text == "")
        }
    }

    @Test func aRepetitionIsAcknowledgedBesideASequence() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let first = stamp("0", "0") + [("Stream-Seq", "1")]
            #expect(try await server.post("a", "x", first).status == 200)
            #expect(try await server.post("a", "x", first).status == 204)
            #expect(try await server.post("a", "y", stamp("0", "1") + [("Stream-Seq", "0")]).status == 409)
        }
    }

    // MARK: Closing

    @Test func aStreamIsClosedForGood() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let last = try await server.post("a", "x")
            let closed = try await server.post("a", "", type: "application/json", [("Stream-Closed", "TRUE")])
            #expect(closed.status == 204)
            #expect(closed.isClosed)
            #expect(closed.next == last.next)
            // Closing again changes nothing; everything else is refused, whatever its type.
            #expect(try await server.post("a", "", [("Stream-Closed", "true")]).status == 204)
            for (body, type, more) in [
                ("y", "text/plain", []), ("y", "text/plain", [("Stream-Closed", "true")]),
                ("y", "application/json", []),
            ] as [(String, String, [(String, String)])] {
                let refused = try await server.post("a", body, type: type, more)
                #expect(refused.status == 409)
                #expect(refused.isClosed)
                #expect(refused.next == last.next)
            }
            #expect(try await server.post("none", "", [("Stream-Closed", "true")]).status == 404)
            #expect(try await server.send("HEAD", "a").isClosed)
            #expect(try await server.send("DELETE", "a").status == 204)
        }
    }

    @Test(arguments: ["false", "yes", "1", ""])
    func onlyTrueCloses(value: String) async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            #expect(try await server.post("a", "", [("Stream-Closed", value)]).status == 400)
            #expect(try await server.post("a", "x", [("Stream-Closed", value)]).status == 204)
            #expect(try await server.send("HEAD", "a").isClosed == false)
        }
    }

    @Test func theLastMessageCloses() async throws {
        try await StreamServer.with { (server) async throws in
            try await server.put("a")
            let answer = try await server.post("a", "end", [("Stream-Closed", "true")])
            #expect(answer.status == 204)
            #expect(answer.isClosed)
            let read = try await server.get("a")
            #expect(read.text == "end")
            #expect(read.isClosed)
            let end = try await server.get("a?offset=\(read.next)")
            #expect(end.status == 200 && end.text == "" && end.isClosed && end.isUpToDate)
        }
    }

    @Test func aStreamIsMadeComplete() async throws {
        try await StreamServer.with { (server) async throws in
            for (name, body) in [("empty", ""), ("whole", "all")] {
                let made = try await server.put(name, "text/plain", body, [("Stream-Closed", "true")])
                #expect(made.status == 201)
                #expect(made.isClosed)
                let again = try await server.put(name, "text/plain", body, [("Stream-Closed", "true")])
                #expect(again.status == 200)
                #expect(again.isClosed)
                #expect(try await server.put(name).status == 409)
                #expect(try await server.post(name, "x").status == 409)
                let read = try await server.get(name)
                #expect(read.text == body && read.isClosed)
            }
        }
    }

    @Test func producersCloseOnce() async throws {
        try await StreamServer.with { (server) async throws in
            let close = [("Stream-Closed", "true")]
            try await server.put("a")
            #expect(try await server.post("a", "x", stamp("0", "0")).status == 200)
            let closed = try await server.post("a", "end", stamp("0", "1") + close)
            #expect(closed.status == 200)
            #expect(closed.isClosed)
            for body in ["end", "another"] {
                let again = try await server.post("a", body, stamp("0", "1") + close)
                #expect(again.status == 204)
                #expect(again.isClosed)
            }
            for other in [stamp("0", "2"), stamp("0", "0", id: "q")] {
                let refused = try await server.post("a", "x", other + close)
                #expect(refused.status == 409)
                #expect(refused.isClosed)
            }
            #expect(try await server.get("a").text == "xend")

            try await server.put("b")
            #expect(try await server.post("b", "", type: nil, stamp("0", "0") + close).status == 204)
            #expect(try await server.post("b", "", type: nil, stamp("0", "0") + close).status == 204)

            try await server.put("c")
            _ = try await server.post("c", "x", stamp("0", "0"))
            _ = try await server.post("c", "y", stamp("1", "0") + close)
            #expect(try await server.post("c", "z", stamp("0", "1") + close).status == 403)
        }
    }
}
