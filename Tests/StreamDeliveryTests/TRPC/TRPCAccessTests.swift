import AgentKitTesting
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

private let guarded = DeliveryAccess(
    authenticate: { credentials throws(DeliveryRefusal) in
        guard let token = credentials.bearerToken ?? credentials.connectionParameter("token"), token == "abc" else {
            throw DeliveryRefusal(.unauthenticated, "no valid credential")
        }
        return DeliveryPrincipal(id: "ann")
    },
    authorise: { principal, stream, _ in stream.description.hasPrefix(principal.id) })

private let who = #"{"id":1,"method":"query","params":{"path":"who"}}"#

@Suite("tRPC: access")
struct TRPCAccessTests {
    @Test("Connection parameters come first, and what was sent behind them waits for them")
    func connectionParams() async throws {
        try await withService(access: guarded) { service in
            let pump = try await service.conversation("/trpc?connectionParams=1")
            #expect(!pump.conversation.receive(#"{"method":"connectionParams","data":{"token":"abc"}}"#))
            pump.conversation.receive(who)
            #expect(await pump.message() == #"{"id":1,"result":{"type":"data","data":"ann"}}"#)
            #expect(pump.conversation.receive("PING"))
        }
    }

    @Test(
        "A refusal is an error with the id null, and a close",
        arguments: [
            (#"{"method":"connectionParams","data":{"token":"x"}}"#, "UNAUTHORIZED"),
            (#"{"method":"connectionParams","data":null}"#, "UNAUTHORIZED"),
            (#"{"method":"connectionParams","data":{"token":1}}"#, "PARSE_ERROR"), (who, "PARSE_ERROR"),
            ("{", "PARSE_ERROR"),
        ])
    func refused(frame: String, code: String) async throws {
        try await withService(access: guarded) { service in
            let pump = try await service.conversation("/trpc?connectionParams=1")
            pump.conversation.receive(frame)
            let message = try #require(await pump.message())
            #expect(message.hasPrefix(#"{"id":null,"error""#))
            #expect(message.contains(code))
            #expect(await pump.message() == nil)
            #expect(pump.conversation.closure.code == .normalClosure)
            #expect(!pump.conversation.receive(who))
        }
    }

    @Test("Header fields are looked at before the WebSocket is given")
    func headers() async throws {
        try await withService(access: guarded) { service in
            guard case .refuse(let response) = await service.accept(DeliveryRequest(path: "/trpc")) else {
                Issue.record("accepted")
                return
            }
            #expect(response.status == 401)
            let pump = try await service.conversation(headers: ["authorization": "Bearer abc"])
            pump.conversation.receive(who)
            #expect(await pump.message()?.contains("ann") == true)
            guard case .refuse(let elsewhere) = await service.accept(DeliveryRequest(path: "/other")) else {
                Issue.record("accepted")
                return
            }
            #expect(elsewhere.status == 404)
            let foreign = DeliveryRequest(
                path: "/trpc", headers: ["authorization": "Bearer abc", "origin": "https://evil.example", "host": "h"])
            guard case .refuse(let page) = await service.accept(foreign) else {
                Issue.record("accepted")
                return
            }
            #expect(page.status == 403)
        }
    }

    @Test("A deploy asks clients to connect anew; a revoked credential ends the connection")
    func orders() async throws {
        let connections = LiveConnections()
        try await withService(access: guarded, connections: connections) { service in
            let pump = try await service.conversation("/trpc?connectionParams=1")
            pump.conversation.receive(#"{"method":"connectionParams","data":{"token":"abc"}}"#)
            pump.conversation.receive(who)
            _ = await pump.message()
            #expect(connections.count == 1)
            connections.drain()
            #expect(await pump.message() == #"{"id":null,"method":"reconnect"}"#)
            pump.conversation.receive("PING")
            #expect(await pump.message() == "PONG")
            #expect(connections.revoke(principal: "ann") == 1)
            #expect(await pump.message()?.contains("UNAUTHORIZED") == true)
            #expect(await pump.message() == nil)
            #expect(pump.conversation.closure.code == .policyViolation)
            pump.source.end()
            #expect(connections.count == 0)
        }
    }

    @Test("Who sends too many messages is told so, and the connection closed")
    func rates() async throws {
        var access = DeliveryAccess.open
        access.authenticate = { (_) throws(DeliveryRefusal) in DeliveryPrincipal(id: "bob") }
        access.rates = RateLimiter(RateLimits(messagesPerPrincipal: Rate(perSecond: 1, burst: 2)), now: { .zero })
        try await withService(access: access) { service in
            let pump = try await service.conversation()
            #expect(pump.conversation.receive("PING"))
            #expect(pump.conversation.receive("PING"))
            #expect(!pump.conversation.receive("PING"))
            let messages = await pump.messages(4)
            #expect(messages.prefix(2) == ["PONG", "PONG"])
            #expect(messages.count == 3)
            #expect(messages[2].contains("TOO_MANY_REQUESTS"))
            #expect(pump.conversation.closure.code == .tryAgainLater)
        }
    }
}

@Suite("tRPC: requests that are too large")
struct TRPCRequestLimitTests {
    @Test("A long target, header fields and a body, and a query that is not encoded well")
    func large() async throws {
        let options = TRPCService.Options(requests: RequestLimits(targetBytes: 40, headerBytes: 60, bodyBytes: 8))
        let headers = try HeaderFields([("x-a", String(repeating: "x", count: 80))])
        await withService(options: options) { service in
            func status(_ request: DeliveryRequest) async -> Int { await service.respond(to: request).status }
            let long = String(repeating: "x", count: 40)
            #expect(await status(DeliveryRequest(target: "/trpc/ping?\(long)")) == 413)
            #expect(
                await status(DeliveryRequest(path: "/trpc/ping", headers: headers))
                    == 413)
            #expect(
                await status(
                    DeliveryRequest(
                        method: "POST", path: "/trpc/echo", headers: ["content-type": "application/json"],
                        body: Array(repeating: UInt8(ascii: "1"), count: 9))) == 413)
            #expect(await status(DeliveryRequest(target: "/trpc/ping?input=%zz")) == 400)
            guard case .refuse(let response) = await service.accept(DeliveryRequest(target: "/trpc?\(long)")) else {
                Issue.record("accepted")
                return
            }
            #expect(response.status == 414)
        }
    }
}
