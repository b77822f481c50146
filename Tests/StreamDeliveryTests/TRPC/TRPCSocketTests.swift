import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

private func subscribe(_ path: String, id: Int = 1, input: String? = nil, lastEventID: String? = nil) -> String {
    let more = (input.map { #","input":\#($0)"# } ?? "") + (lastEventID.map { #","lastEventId":"\#($0)""# } ?? "")
    return #"{"id":\#(id),"method":"subscription","params":{"path":"\#(path)"\#(more)}}"#
}

@Suite("tRPC: server over WebSocket")
struct TRPCSocketTests {
    @Test("A subscription: started, tracked values wrapped as tRPC does, stopped; its stop is passed over")
    func count() async throws {
        try await withService { service in
            let pump = try await service.conversation()
            pump.conversation.receive(subscribe("count", input: #"{"n":2}"#))
            #expect(
                await pump.messages(4) == [
                    #"{"id":1,"result":{"type":"started"}}"#,
                    #"{"id":1,"result":{"type":"data","id":"0","data":{"id":"0","data":{"i":0}}}}"#,
                    #"{"id":1,"result":{"type":"data","id":"1","data":{"id":"1","data":{"i":1}}}}"#,
                    #"{"id":1,"result":{"type":"stopped"}}"#,
                ])
            pump.conversation.receive(#"{"id":1,"method":"subscription.stop"}"#)
            #expect(pump.availableMessages() == [])
            // The id is free again, and `lastEventId` resumes.
            pump.conversation.receive(subscribe("count", input: #"{"n":3}"#, lastEventID: "1"))
            #expect(
                await pump.messages(3) == [
                    #"{"id":1,"result":{"type":"started"}}"#,
                    #"{"id":1,"result":{"type":"data","id":"2","data":{"id":"2","data":{"i":2}}}}"#,
                    #"{"id":1,"result":{"type":"stopped"}}"#,
                ])
        }
    }

    @Test("An input's own lastEventId resumes as well; the one beside it counts more")
    func lastEventID() async throws {
        try await withService { service in
            let pump = try await service.conversation()
            pump.conversation.receive(subscribe("count", id: 1, input: #"{"n":9,"lastEventId":"7"}"#))
            #expect(await pump.messages(3)[1].contains(#""i":8"#))
            pump.conversation.receive(subscribe("count", id: 2, input: #"{"n":9,"lastEventId":"1"}"#, lastEventID: "7"))
            #expect(await pump.messages(3)[1].contains(#""i":8"#))
        }
    }

    @Test("A batch of subscriptions, untracked values, the version of JSON-RPC repeated")
    func batch() async throws {
        try await withService { service in
            let pump = try await service.conversation()
            let second = #"{"id":"b","jsonrpc":"2.0","method":"subscription","params":{"path":"plain"}}"#
            pump.conversation.receive("[\(subscribe("count", input: #"{"n":1}"#)),\(second)]")
            let messages = await pump.messages(7)
            #expect(
                messages.filter { $0.contains("jsonrpc") } == [
                    #"{"id":"b","jsonrpc":"2.0","result":{"type":"started"}}"#,
                    #"{"id":"b","jsonrpc":"2.0","result":{"type":"data","data":"a"}}"#,
                    #"{"id":"b","jsonrpc":"2.0","result":{"type":"data","data":"b"}}"#,
                    #"{"id":"b","jsonrpc":"2.0","result":{"type":"stopped"}}"#,
                ])
            #expect(messages.filter { !$0.contains("jsonrpc") }.count == 3)
        }
    }

    @Test("A sequence that fails: its error, then stopped; one that is refused, or not there: its error alone")
    func failures() async throws {
        try await withService { service in
            let pump = try await service.conversation()
            pump.conversation.receive(subscribe("fail"))
            #expect(
                await pump.messages(4) == [
                    #"{"id":1,"result":{"type":"started"}}"#, #"{"id":1,"result":{"type":"data","data":1}}"#,
                    #"{"id":1,"error":{"message":"nope","code":-32003,"data":{"code":"FORBIDDEN","httpStatus":403,"path":"fail"}}}"#,
                    #"{"id":1,"result":{"type":"stopped"}}"#,
                ])
            pump.conversation.receive(subscribe("refused"))
            #expect(
                await pump.message()
                    == #"{"id":1,"error":{"message":"not yours","code":-32003,"data":{"code":"FORBIDDEN","httpStatus":403,"path":"refused"}}}"#
            )
            pump.conversation.receive(subscribe("nosuch"))
            let missing =
                #"{"id":1,"error":{"message":"No \"subscription\"-procedure on path \"nosuch\"","code":-32004,"data":{"code":"NOT_FOUND","httpStatus":404,"path":"nosuch"}}}"#
            #expect(await pump.message() == missing)
            pump.conversation.receive(subscribe("ping"))
            #expect(await pump.message()?.contains("NOT_FOUND") == true)
            pump.conversation.receive(subscribe("count", input: #"{"n":"x"}"#))
            #expect(await pump.message()?.contains("BAD_REQUEST") == true)
            pump.conversation.receive(subscribe("badID"))
            let messages = await pump.messages(3)
            #expect(messages[1].contains("INTERNAL_SERVER_ERROR"))
            #expect(messages[2].contains("stopped"))
        }
    }

    @Test("Queries and mutations; errors that are none of tRPC's keep their words for themselves")
    func calls() async throws {
        try await withService { service in
            let pump = try await service.conversation()
            func call(_ method: String, _ path: String, _ input: String = "null") async -> String? {
                pump.conversation.receive(
                    #"{"id":7,"method":"\#(method)","params":{"path":"\#(path)","input":\#(input)}}"#)
                return await pump.message()
            }
            #expect(await call("query", "ping") == #"{"id":7,"result":{"type":"data","data":"pong"}}"#)
            #expect(
                await call("mutation", "echo", #"{"b":[1],"a":"x"}"#)
                    == #"{"id":7,"result":{"type":"data","data":{"b":[1],"a":"x"}}}"#)
            #expect(await call("query", "echo")?.contains(#"No \"query\"-procedure on path \"echo\""#) == true)
            let broken = await call("query", "broken")
            #expect(broken?.contains("INTERNAL_SERVER_ERROR") == true)
            #expect(broken?.contains("Secret") == false)
            #expect(await call("query", "forbidden")?.contains("nope") == true)
        }
    }

    @Test("What is no message: PARSE_ERROR with the id null, and the connection goes on")
    func malformed() async throws {
        try await withService { service in
            let pump = try await service.conversation()
            pump.conversation.receive("{")
            #expect(await pump.message()?.hasPrefix(#"{"id":null,"error":{"message":"not JSON"#) == true)
            _ = pump.conversation.receive(.binary([1]))
            #expect(await pump.message()?.contains(#""code":-32700"#) == true)
            pump.conversation.receive(#"{"id":null,"method":"query","params":{"path":"ping"}}"#)
            #expect(
                await pump.message()
                    == #"{"id":null,"error":{"message":"`id` is required","code":-32700,"data":{"code":"PARSE_ERROR","httpStatus":400}}}"#
            )
            pump.conversation.receive("PING")
            #expect(await pump.message() == "PONG")
            pump.conversation.receive("PONG")
            #expect(pump.availableMessages() == [])
        }
    }

    @Test("An id that is in use is BAD_REQUEST, and the subscription that has it goes on")
    func duplicate() async throws {
        let samples = SampleProcedures()
        try await withService(samples) { service in
            let pump = try await service.conversation()
            pump.conversation.receive(subscribe("held"))
            #expect(await pump.message()?.contains("started") == true)
            pump.conversation.receive(subscribe("plain"))
            #expect(
                await pump.message()
                    == #"{"id":1,"error":{"message":"Duplicate id 1","code":-32600,"data":{"code":"BAD_REQUEST","httpStatus":400,"path":"plain"}}}"#
            )
            samples.held.open()
            #expect(await pump.messages(3).last == #"{"id":1,"result":{"type":"stopped"}}"#)
        }
    }

    @Test("A stop cancels the sequence and is answered; so does the end of the connection")
    func stop() async throws {
        for byEnd in [false, true] {
            let samples = SampleProcedures()
            try await withService(samples) { service in
                let pump = try await service.conversation()
                pump.conversation.receive(subscribe("held"))
                #expect(await pump.message()?.contains("started") == true)
                try await samples.began.wait()
                if byEnd {
                    pump.source.end()
                } else {
                    pump.conversation.receive(#"{"id":1,"method":"subscription.stop"}"#)
                    #expect(await pump.message() == #"{"id":1,"result":{"type":"stopped"}}"#)
                }
                try await samples.cancelled.wait()
            }
        }
    }

    @Test("Subscriptions take turns, and a client who does not read holds its sequences back")
    func fairness() async throws {
        let samples = SampleProcedures()
        try await withService(samples) { service in
            let pump = try await service.conversation()
            pump.conversation.receive("[\(subscribe("endless", id: 1)),\(subscribe("endless", id: 2))]")
            var counts = [0, 0]
            while counts.min() ?? 0 < 200 {
                let message = try #require(await pump.message())
                counts[message.hasPrefix(#"{"id":1"#) ? 0 : 1] += 1
            }
            // Neither was far ahead: each holds one buffer at most.
            #expect(counts.max() ?? 0 < 400)
            // What was made and not read is a buffer each, and what the pump has in hand.
            #expect(samples.produced.value - counts[0] - counts[1] < 200)
        }
    }

    @Test("Subscriptions are bounded")
    func bounded() async throws {
        let options = TRPCService.Options(socket: TRPCSocketOptions(maxSubscriptions: 1))
        try await withService(options: options) { service in
            let pump = try await service.conversation()
            pump.conversation.receive("[\(subscribe("held", id: 1)),\(subscribe("held", id: 2))]")
            let messages = await pump.messages(2)
            #expect(messages.contains { $0.hasPrefix(#"{"id":2,"error""#) && $0.contains("TOO_MANY_REQUESTS") })
        }
    }

    @Test("Without its run(), a service answers that it is not available")
    func stopped() async throws {
        let samples = SampleProcedures()
        let service = TRPCService(samples.registry, access: .open, connections: LiveConnections())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            group.cancelAll()
        }
        let pump = try await service.conversation()
        pump.conversation.receive(subscribe("count", input: #"{"n":2}"#))
        #expect(await pump.message()?.contains("SERVICE_UNAVAILABLE") == true)
    }
}
