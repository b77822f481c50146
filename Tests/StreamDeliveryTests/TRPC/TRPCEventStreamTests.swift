import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

extension TRPCService {
    /// The event stream that a request is answered with.
    fileprivate func events(_ target: String, headers: HeaderFields = [:]) async throws -> Pump {
        let response = await respond(to: DeliveryRequest(target: target, headers: headers))
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "text/event-stream")
        #expect(response.headers["vary"] == "trpc-accept, accept")
        guard case .stream(let source) = response.body else { throw TRPCError(.badRequest, "no stream") }
        return Pump(source)
    }
}

@Suite("tRPC: server over server-sent events")
struct TRPCEventStreamTests {
    @Test("connected, tracked values, return")
    func count() async throws {
        let options = TRPCService.Options(reconnectAfterInactivity: .seconds(2))
        try await withService(options: options) { service in
            let pump = try await service.events("/trpc/count?input=%7B%22n%22%3A2%7D")
            #expect(
                await pump.rest() == """
                    event: connected\ndata: {"reconnectAfterInactivityMs":2000}

                    id: 0\ndata: {"i":0}

                    id: 1\ndata: {"i":1}

                    event: return\ndata:\u{20}


                    """)
        }
    }

    @Test(
        "It goes on after the last event id, wherever that stands; the header counts most",
        arguments: [
            ("/trpc/count?input=%7B%22n%22%3A9%2C%22lastEventId%22%3A%221%22%7D", "7"),
            ("/trpc/count?input=%7B%22n%22%3A9%7D&lastEventId=7", nil),
            ("/trpc/count?input=%7B%22n%22%3A9%7D&Last-Event-Id=7", nil),
            ("/trpc/count?input=%7B%22n%22%3A9%2C%22lastEventId%22%3A%227%22%7D", nil),
        ])
    func resume(target: String, header: String?) async throws {
        try await withService { service in
            var headers = HeaderFields()
            if let header { try headers.set("last-event-id", header) }
            let text = await (try service.events(target, headers: headers)).rest()
            #expect(text.contains("id: 8\ndata: {\"i\":8}"))
            #expect(!text.contains("id: 7"))
        }
    }

    @Test(
        "Failures of a known subscription are 200 and serialized-error, and its end",
        arguments: [
            ("/trpc/fail", "FORBIDDEN"), ("/trpc/refused", "FORBIDDEN"), ("/trpc/count?input=%7B", "BAD_REQUEST"),
            ("/trpc/count", "BAD_REQUEST"),
        ])
    func failures(target: String, code: String) async throws {
        try await withService { service in
            let text = await (try service.events(target)).rest()
            #expect(text.hasPrefix("event: connected\ndata: {}\n\n"))
            #expect(text.contains("event: serialized-error\ndata: {\"message\":"))
            #expect(text.contains("\"code\":\"\(code)\""))
            #expect(!text.contains("event: return"))
        }
    }

    @Test("An unknown path is a 404 with the error as JSON")
    func unknown() async throws {
        await withService { service in
            let response = await service.respond(to: DeliveryRequest(path: "/trpc/nosuch"))
            #expect(response.status == 404)
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["vary"] == "trpc-accept, accept")
            #expect(
                response.text
                    == #"{"error":{"message":"No procedure found on path \"nosuch\"","code":-32004,"data":{"code":"NOT_FOUND","httpStatus":404,"path":"nosuch"}}}"#
            )
        }
    }

    @Test(
        "Heartbeats are ping; a departing client cancels its sequence; a deploy ends without return, with a time to come again"
    )
    func endings() async throws {
        let samples = SampleProcedures()
        let connections = LiveConnections()
        try await withService(samples, connections: connections) { service in
            let pump = try await service.events("/trpc/held")
            #expect(String(decoding: pump.available(), as: UTF8.self) == "event: connected\ndata: {}\n\n")
            #expect(
                pump.source.heartbeat().map { String(decoding: $0.bytes, as: UTF8.self) } == "event: ping\ndata: \n\n")
            try await samples.began.wait()
            connections.drain(retry: .seconds(3), spread: .zero)
            #expect(await pump.rest() == ": going down\n\nretry: 3000\n\n")
            pump.source.end()
            try await samples.cancelled.wait()
            #expect(connections.count == 0)
            let late = await service.respond(to: DeliveryRequest(path: "/trpc/held"))
            #expect(late.status == 200)
            #expect(late.text == ": the server restarts\n\nretry: 1000\n\n")
        }
    }

    @Test("No credential: 200 and serialized-error UNAUTHORIZED; connection parameters count; a revoked one ends it")
    func access() async throws {
        let access = DeliveryAccess(
            authenticate: { credentials throws(DeliveryRefusal) in
                guard credentials.connectionParameter("token") == "abc" else {
                    throw DeliveryRefusal(.unauthenticated, "no")
                }
                return DeliveryPrincipal(id: "ann")
            }, authorise: { _, _, _ in true })
        let connections = LiveConnections()
        try await withService(access: access, connections: connections) { service in
            #expect(await (try service.events("/trpc/count?input=%7B%22n%22%3A1%7D")).rest().contains("UNAUTHORIZED"))
            let parameters = "&connectionParams=%7B%22token%22%3A%22abc%22%7D"
            let pump = try await service.events("/trpc/held?input=null" + parameters)
            _ = pump.available()
            connections.revoke(principal: "ann")
            #expect(await pump.rest().contains("UNAUTHORIZED"))
            let broken = await service.respond(to: DeliveryRequest(target: "/trpc/count?connectionParams=7"))
            #expect(broken.status == 400)
            #expect(broken.text.contains("PARSE_ERROR"))
        }
    }
}

@Suite("tRPC: queries and mutations over HTTP")
struct TRPCHTTPServiceTests {
    private func ask(
        _ service: TRPCService, _ method: String, _ target: String, _ body: String = "",
        headers: HeaderFields = ["content-type": "application/json"]
    ) async -> String {
        let response = await service.respond(
            to: DeliveryRequest(method: method, target: target, headers: headers, body: Array(body.utf8)))
        return "\(response.status) \(response.text)"
    }

    @Test("One, and batches as httpBatchLink has them")
    func calls() async throws {
        await withService { service in
            #expect(await ask(service, "GET", "/trpc/ping") == #"200 {"result":{"data":"pong"}}"#)
            #expect(await ask(service, "POST", "/trpc/echo", #"{"a":1}"#) == #"200 {"result":{"data":{"a":1}}}"#)
            #expect(
                await ask(service, "GET", "/trpc/ping,who?batch=1&input=%7B%7D")
                    == #"200 [{"result":{"data":"pong"}},{"result":{"data":""}}]"#)
            #expect(
                await ask(service, "POST", "/trpc/echo,echo?batch=1", #"{"0":1,"1":2}"#)
                    == #"200 [{"result":{"data":1}},{"result":{"data":2}}]"#)
            let mixed = await ask(service, "GET", "/trpc/ping,nosuch?batch=1")
            #expect(mixed.hasPrefix(#"207 [{"result":{"data":"pong"}},{"error":"#))
            #expect(await ask(service, "HEAD", "/trpc/ping") == "204 ")
        }
    }

    @Test(
        "What cannot be",
        arguments: [
            ("POST", "/trpc/ping", "{}", 405), ("GET", "/trpc/echo", "", 405), ("GET", "/trpc/forbidden", "", 403),
            ("GET", "/trpc/broken", "", 500), ("POST", "/trpc/echo", "{", 400), ("POST", "/trpc/echo", "\u{FF}", 400),
            ("GET", "/trpc/%ZZ", "", 400), ("GET", "/trpc/a,b,c?batch=1", "", 404), ("GET", "/elsewhere", "", 404),
            ("GET", "/trpc/count,plain?batch=1", "", 400), ("GET", "/trpc/count,ping?batch=1", "", 400),
        ])
    func refused(method: String, target: String, body: String, status: Int) async {
        await withService { service in
            let answer = await ask(service, method, target, body)
            #expect(answer.hasPrefix("\(status) "))
            #expect(answer.contains("error"))
        }
    }

    @Test("Types of content, size, and streamed answers")
    func content() async throws {
        let options = TRPCService.Options(limits: TRPCLimits(messageSize: 10, batch: 2))
        await withService(options: options) { service in
            #expect(await ask(service, "POST", "/trpc/echo", "1", headers: [:]).hasPrefix("415"))
            #expect(
                await ask(service, "POST", "/trpc/echo", "1", headers: ["content-type": "text/plain"]).hasPrefix("415"))
            #expect(
                await ask(service, "GET", "/trpc/ping?batch=1", headers: ["trpc-accept": "application/jsonl"])
                    .hasPrefix("415"))
            #expect(await ask(service, "POST", "/trpc/echo", "\"1234567890\"").hasPrefix("413"))
            #expect(await ask(service, "GET", "/trpc/a,b,c?batch=1").hasPrefix("400"))
        }
    }

    @Test("Pages of other origins")
    func origins() async throws {
        let access = DeliveryAccess(
            authenticate: { (_) throws(DeliveryRefusal) in .anonymous }, authorise: { _, _, _ in true },
            origins: OriginPolicy(allowed: .these(["https://a.example"])))
        await withService(access: access) { service in
            let preflight = await service.respond(
                to: DeliveryRequest(method: "OPTIONS", path: "/trpc/echo", headers: ["origin": "https://a.example"]))
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-methods"] == "GET, POST")
            let answer = await service.respond(
                to: DeliveryRequest(path: "/trpc/ping", headers: ["origin": "https://a.example"]))
            #expect(answer.headers["access-control-allow-origin"] == "https://a.example")
        }
    }
}

extension DeliveryResponse {
    /// A body that is all there.
    fileprivate var text: String {
        if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }
}
