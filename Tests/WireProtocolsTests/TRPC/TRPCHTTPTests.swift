import ServerSentEvents
import StreamCore
import Testing
import WireProtocols

@Suite("tRPC: over HTTP")
struct TRPCHTTPTests {
    @Test("Requests as tRPC's links make them")
    func requests() {
        let endpoint = TRPCEndpoint(url: "http://h/trpc/?k=v")
        let one = TRPCCalls([.init(path: "a.b", input: ["n": 1])], isBatch: false)
        #expect(endpoint.request(one, type: .query).url == "http://h/trpc/a.b?k=v&input=%7B%22n%22%3A1%7D")
        #expect(endpoint.request(one, type: .query).method == "GET")
        let mutation = endpoint.request(one, type: .mutation)
        #expect(mutation.url == "http://h/trpc/a.b?k=v")
        #expect(mutation.method == "POST")
        #expect(mutation.headers["content-type"] == "application/json")
        #expect(String(decoding: mutation.body, as: UTF8.self) == #"{"n":1}"#)
        let batch = TRPCCalls(
            [.init(path: "a", input: 1), .init(path: "b"), .init(path: "c", input: 3)], isBatch: true)
        #expect(
            TRPCEndpoint(url: "http://h/trpc").request(batch, type: .query).url
                == "http://h/trpc/a,b,c?batch=1&input=%7B%220%22%3A1%2C%222%22%3A3%7D")
        #expect(
            TRPCEndpoint(url: "http://h/t").request(TRPCCalls([.init(path: "p")], isBatch: false), type: .query).url
                == "http://h/t/p")
        let subscription = endpoint.subscription("s", input: [1], connectionParams: TRPCConnectionParams(["t": "ä"]))
        #expect(subscription.url == "http://h/trpc/s?k=v&connectionParams=%7B%22t%22%3A%22%C3%A4%22%7D&input=%5B1%5D")
        #expect(TRPCEndpoint(url: "ws://h").socketURL(announcingConnectionParams: true) == "ws://h?connectionParams=1")
        #expect(
            TRPCEndpoint(url: "ws://h?a=b").socketURL(announcingConnectionParams: true)
                == "ws://h?a=b&connectionParams=1")
        #expect(TRPCEndpoint(url: "ws://h").socketURL(announcingConnectionParams: false) == "ws://h")
    }

    @Test("Calls are read back")
    func calls() throws {
        #expect(
            try TRPCCalls(path: "a.b", isBatch: false, input: #"{"n":1}"#).calls == [
                .init(path: "a.b", input: ["n": 1])
            ])
        #expect(try TRPCCalls(path: "a,b", isBatch: false, input: nil).calls == [.init(path: "a,b")])
        let batch = try TRPCCalls(path: "a,b,c", isBatch: true, input: #"{"0":1,"2":3,"9":4}"#)
        #expect(batch.calls == [.init(path: "a", input: 1), .init(path: "b"), .init(path: "c", input: 3)])
        #expect(try TRPCCalls(path: "a,b", isBatch: true, input: "[1,2]").calls.map(\.input) == [1, 2])
        #expect(try TRPCCalls(path: "a", isBatch: false, input: "{").inputError?.code == .badRequest)
        #expect(try TRPCCalls(path: "a", isBatch: true, input: "7").inputError?.code == .badRequest)
        #expect(try TRPCCalls(path: "a", isBatch: false, input: "", limits: .default).inputError == nil)
        let limits = TRPCLimits(messageSize: 4, batch: 2, pathLength: 3)
        #expect(
            try TRPCCalls(path: "a", isBatch: false, input: "12345", limits: limits).inputError?.code
                == .payloadTooLarge)
        #expect(throws: TRPCError.self) { try TRPCCalls(path: "a,b,c", isBatch: true, input: nil, limits: limits) }
        #expect(throws: TRPCError.self) { try TRPCCalls(path: "abcd", isBatch: false, input: nil, limits: limits) }
        #expect(throws: TRPCError.self) { try TRPCCalls(path: "abcd,b", isBatch: true, input: nil, limits: limits) }
    }

    @Test("Answers, and the status of several")
    func responses() throws {
        let good = TRPCResponse.result(["a": 1])
        let bad = TRPCResponse.error(TRPCError(.notFound, "m", path: "p"))
        #expect(good.json.jsonString == #"{"result":{"data":{"a":1}}}"#)
        for response in [good, bad] {
            #expect(try TRPCResponse.parse(response.json.jsonString) == [response])
        }
        #expect(try TRPCResponse.parse("[\(good.json),\(bad.json)]") == [good, bad])
        #expect(try TRPCResponse.parse(#"{"result":{}}"#) == [.result(.null)])
        #expect(TRPCResponse.status(of: [good]) == 200)
        #expect(TRPCResponse.status(of: [bad, bad]) == 404)
        #expect(TRPCResponse.status(of: [good, bad]) == 207)
        for text in ["1", "{}", #"{"error":1}"#, "x"] {
            #expect(throws: TRPCError.self) { try TRPCResponse.parse(text) }
        }
    }

    @Test("Connection parameters: a frame, a query, and nothing else")
    func connectionParams() throws {
        let parameters = TRPCConnectionParams(["token": "abc", "b": "c"])
        #expect(
            TRPCConnectionParams.frame(parameters) == #"{"method":"connectionParams","data":{"b":"c","token":"abc"}}"#)
        #expect(try TRPCConnectionParams.parse(frame: TRPCConnectionParams.frame(parameters)) == parameters)
        #expect(try TRPCConnectionParams.parse(frame: TRPCConnectionParams.frame(nil)) == nil)
        #expect(try TRPCConnectionParams.parse(query: parameters.json.jsonString) == parameters)
        #expect(try TRPCConnectionParams.parse(query: "null") == nil)
        for text in [
            "", "1", "{}", #"{"method":"query"}"#, #"{"method":"connectionParams","data":1}"#,
            #"{"method":"connectionParams","data":{"a":1}}"#,
        ] {
            #expect(throws: TRPCError.self) { try TRPCConnectionParams.parse(frame: text) }
        }
        let small = TRPCLimits(connectionParamsSize: 3)
        #expect(throws: TRPCError.self) { try TRPCConnectionParams.parse(query: #"{"ab":"cd"}"#, limits: small) }
        #expect(!"\(parameters)".contains("abc"))
        var dumped = ""
        dump(parameters, to: &dumped)
        #expect(!dumped.contains("abc"))
    }
}

@Suite("tRPC: server-sent events")
struct TRPCStreamEventTests {
    @Test(
        "Each event, written and read",
        arguments: [
            (TRPCStreamEvent.connected(reconnectAfterInactivity: nil), "event: connected\ndata: {}\n\n"),
            (
                .connected(reconnectAfterInactivity: .milliseconds(2000)),
                "event: connected\ndata: {\"reconnectAfterInactivityMs\":2000}\n\n"
            ),
            (.data(eventID: "0", data: ["i": 0]), "id: 0\ndata: {\"i\":0}\n\n"),
            (.data(eventID: nil, data: 1), "data: 1\n\n"),
            (.ping, "event: ping\ndata: \n\n"), (.return, "event: return\ndata: \n\n"),
            (
                .error(TRPCError(.forbidden, "nope", path: "fail")),
                "event: serialized-error\ndata: {\"message\":\"nope\",\"code\":-32003,\"data\":{\"code\":\"FORBIDDEN\",\"httpStatus\":403,\"path\":\"fail\"}}\n\n"
            ),
        ])
    func each(event: TRPCStreamEvent, text: String) throws {
        var bytes: [UInt8] = []
        try event.write(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try parser.parse(bytes, into: &events)
        #expect(try events.map { try TRPCStreamEvent($0) } == [event])
    }

    @Test("Names that are not tRPC's are passed over, data that does not fit is refused, ids cannot break out")
    func others() throws {
        #expect(try TRPCStreamEvent(ServerSentEvent(type: "other", data: "x")) == nil)
        for (type, data) in [("message", "x"), ("connected", "1"), ("serialized-error", "{}")] {
            #expect(throws: TRPCError.self) { try TRPCStreamEvent(ServerSentEvent(type: type, data: data)) }
        }
        var bytes: [UInt8] = []
        #expect(throws: ServerSentEventError.self) {
            try TRPCStreamEvent.data(eventID: "a\nb", data: 1).write(into: &bytes)
        }
        let endless = ServerSentEvent(type: "connected", data: #"{"reconnectAfterInactivityMs":1e300}"#)
        #expect(try TRPCStreamEvent(endless) == .connected(reconnectAfterInactivity: .milliseconds(31_536_000_000)))
    }
}
