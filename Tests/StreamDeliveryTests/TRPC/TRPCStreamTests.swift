import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

private func progress(_ agent: String, _ percent: Int, _ visibility: StreamEvent.Visibility = .public) -> StreamEvent {
    StreamEvent(
        type: .progress, visibility: visibility, source: agent,
        payload: Array(#"{"agentId":"\#(agent)","progress":\#(percent)}"#.utf8))
}

/// A log with a project, a hub and a service over both, running.
private func withProject<Result>(
    access: DeliveryAccess = .open, _ body: (any EventLog, DeliveryHub, TRPCService) async throws -> Result
) async throws -> Result {
    let log = MemoryEventLog()
    try await log.create("p1")
    let hub = DeliveryHub(log: log)
    var samples = SampleProcedures()
    samples.registry.addAgentSubscriptions(over: hub)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await hub.run() }
        let result = try await withService(samples, access: access, connections: hub.connections) { service in
            try await body(log, hub, service)
        }
        group.cancelAll()
        return result
    }
}

private func watch(_ input: String, path: String = "agent.onAgentProgress", lastEventID: String? = nil) -> String {
    let more = lastEventID.map { #","lastEventId":"\#($0)""# } ?? ""
    return #"{"id":1,"method":"subscription","params":{"path":"\#(path)","input":\#(input)\#(more)}}"#
}

@Suite("tRPC: streams of the log")
struct TRPCStreamTests {
    @Test("The event goes out unwrapped, with its offset as the id; internal events and other types never")
    func progressEvents() async throws {
        try await withProject { log, _, service in
            let first = try await log.append([progress("a", 1)], to: "p1").last
            let result = try await log.append(
                [
                    progress("a", 2, .internal), StreamEvent(type: .content, payload: Array("{}".utf8)),
                    progress("b", 3),
                ],
                to: "p1")
            let pump = try await service.conversation()
            pump.conversation.receive(watch(#"{"projectId":"p1"}"#))
            #expect(
                await pump.messages(3) == [
                    #"{"id":1,"result":{"type":"started"}}"#,
                    #"{"id":1,"result":{"type":"data","id":"\#(first)","data":{"agentId":"a","progress":1}}}"#,
                    #"{"id":1,"result":{"type":"data","id":"\#(result.last)","data":{"agentId":"b","progress":3}}}"#,
                ])
            // Live.
            try await log.append([progress("a", 4)], to: "p1")
            #expect(await pump.message()?.contains(#""progress":4"#) == true)
            // The end of the stream is the end of the subscription.
            try await log.close("p1")
            #expect(await pump.message() == #"{"id":1,"result":{"type":"stopped"}}"#)
        }
    }

    @Test("Some agents alone, and from an event on")
    func filter() async throws {
        try await withProject { log, _, service in
            let seen = try await log.append([progress("a", 1), progress("b", 1)], to: "p1").last
            for percent in 2...3 { try await log.append([progress("a", percent), progress("b", percent)], to: "p1") }
            try await log.close("p1")
            let pump = try await service.conversation()
            pump.conversation.receive(watch(#"{"projectId":"p1","agentIds":["b"]}"#, lastEventID: "\(seen)"))
            let messages = await pump.messages(4)
            #expect(messages.map { $0.contains(#""agentId":"b""#) } == [false, true, true, false])
            #expect(messages[1].contains(#""progress":2"#))
        }
    }

    @Test("Quality updates")
    func quality() async throws {
        try await withProject { log, _, service in
            try await log.append(
                [progress("a", 1), StreamEvent(type: .quality, payload: Array(#"{"score":1}"#.utf8))], to: "p1")
            let pump = try await service.conversation()
            pump.conversation.receive(watch(#"{"projectId":"p1"}"#, path: "agent.onQualityUpdate"))
            #expect(await pump.messages(2)[1].contains(#""data":{"score":1}"#))
        }
    }

    @Test(
        "What cannot be read",
        arguments: [
            (#"{"projectId":"p2"}"#, nil, "NOT_FOUND"), (#"{"projectId":"a b"}"#, nil, "BAD_REQUEST"),
            (#"{}"#, nil, "BAD_REQUEST"), (#"{"projectId":"p1"}"#, "17", "BAD_REQUEST"),
            (#"{"projectId":"p1"}"#, "vvv000000009999", "PRECONDITION_FAILED"),
        ])
    func refused(input: String, lastEventID: String?, code: String) async throws {
        try await withProject { log, _, service in
            let last = try await log.append([progress("a", 1)], to: "p1").last
            let pump = try await service.conversation()
            pump.conversation.receive(watch(input, lastEventID: lastEventID))
            var message = await pump.message()
            if message?.contains("started") == true { message = await pump.message() }
            #expect(message?.contains(code) == true)
            if code == "PRECONDITION_FAILED" {
                let gap = #""reason":"gap","lastEventId":"vvv000000009999","newest":"\#(last)","oldest":"\#(last)""#
                #expect(message?.contains(gap) == true)
                #expect(await pump.message()?.contains("stopped") == true)
            }
        }
    }

    @Test("Somebody else's stream is FORBIDDEN, on both wires")
    func forbidden() async throws {
        var access = DeliveryAccess.open
        access.authorise = { _, _, _ in false }
        try await withProject(access: access) { _, _, service in
            let pump = try await service.conversation()
            pump.conversation.receive(watch(#"{"projectId":"p1"}"#))
            #expect(await pump.message()?.contains("FORBIDDEN") == true)
            let target = "/trpc/agent.onAgentProgress?input=%7B%22projectId%22%3A%22p1%22%7D"
            let response = await service.respond(to: DeliveryRequest(target: target))
            guard case .stream(let source) = response.body else { return }
            #expect(await Pump(source).rest().contains("FORBIDDEN"))
        }
    }

    @Test("Over server-sent events: an idle reader's ping has its place, and the same bytes serve all")
    func eventStream() async throws {
        try await withProject { log, hub, service in
            let target =
                "/trpc/agent.onAgentProgress?input=%7B%22projectId%22%3A%22p1%22%2C%22agentIds%22%3A%5B%22b%22%5D%7D"
            var pumps: [Pump] = []
            for _ in 0..<2 {
                let response = await service.respond(to: DeliveryRequest(target: target))
                guard case .stream(let source) = response.body else { return }
                pumps.append(Pump(source))
            }
            for pump in pumps { #expect(await pump.next() == Array("event: connected\ndata: {}\n\n".utf8)) }
            let first = try await log.append([progress("b", 1)], to: "p1").last
            let last = try await log.append([progress("a", 2)], to: "p1").last
            for pump in pumps {
                #expect(await pump.next() == Array("id: \(first)\ndata: {\"agentId\":\"b\",\"progress\":1}\n\n".utf8))
                #expect(pump.available() == [])
                let ping = try #require(pump.source.heartbeat())
                #expect(String(decoding: ping.bytes, as: UTF8.self) == "id: \(last)\nevent: ping\ndata: \n\n")
            }
            #expect(hub.readerCount == 2)
            for pump in pumps { pump.source.end() }
            #expect(hub.readerCount == 0)
        }
    }
}
