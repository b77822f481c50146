import StreamCore
import Testing
import WireProtocols

private let one = TRPCEnvelope(.number(1))

@Suite("tRPC: messages of clients")
struct TRPCClientMessageTests {
    @Test(
        "Each message, as tRPC's client writes it and as we do",
        arguments: [
            (
                #"{"id":1,"method":"subscription","params":{"input":{"n":3},"path":"count"}}"#,
                TRPCClientMessage.request(TRPCRequest(one, .subscription, path: "count", input: ["n": 3]))
            ),
            (
                #"{"id":1,"method":"subscription","params":{"input":{"n":50},"path":"count","lastEventId":"16"}}"#,
                .request(TRPCRequest(one, .subscription, path: "count", input: ["n": 50], lastEventID: "16"))
            ),
            (
                #"{"id":2,"method":"query","params":{"path":"ping"}}"#,
                .request(TRPCRequest(TRPCEnvelope(.number(2)), .query, path: "ping"))
            ),
            (
                #"{"id":"a","method":"mutation","params":{"path":"echo","input":null}}"#,
                .request(TRPCRequest(TRPCEnvelope(.string("a")), .mutation, path: "echo", input: .null))
            ),
            (
                #"{"id":1,"jsonrpc":"2.0","method":"query","params":{"path":"ping"}}"#,
                .request(TRPCRequest(TRPCEnvelope(.number(1), saysVersion: true), .query, path: "ping"))
            ),
            (#"{"id":1,"method":"subscription.stop"}"#, .stop(one)),
            (#"{"id":null,"method":"subscription.stop"}"#, .unidentified(TRPCEnvelope(nil))),
            (#"{"method":"query","params":{"path":"ping"}}"#, .unidentified(TRPCEnvelope(nil))),
            ("PING", .ping), ("PONG", .pong),
        ])
    func each(text: String, message: TRPCClientMessage) throws {
        #expect(try TRPCClientMessage.parse(text) == [message])
        if case .unidentified = message { return }
        #expect(try TRPCClientMessage.parse(message.text) == [message])
    }

    @Test("A batch is an array; one of them that is wrong spoils all")
    func batch() throws {
        let first = TRPCClientMessage.request(TRPCRequest(one, .query, path: "a"))
        let second = TRPCClientMessage.stop(TRPCEnvelope(.number(2)))
        #expect(try TRPCClientMessage.parse(TRPCClientMessage.text(of: [first, second])) == [first, second])
        #expect(TRPCClientMessage.text(of: [second]) == second.text)
        #expect(try TRPCClientMessage.parse("[]") == [])
        #expect(throws: TRPCError.self) { try TRPCClientMessage.parse("[\(first.text),1]") }
    }

    @Test(
        "What is no message is PARSE_ERROR",
        arguments: [
            "", "{", "1", "null", "\"PING\"", "PINGS", "{}", #"{"id":1}"#, #"{"id":1,"method":"query"}"#,
            #"{"id":1,"method":"query","params":[]}"#, #"{"id":1,"method":"query","params":{}}"#,
            #"{"id":1,"method":"query","params":{"path":1}}"#, #"{"id":1,"method":"delete","params":{"path":"a"}}"#,
            #"{"id":1,"method":1,"params":{"path":"a"}}"#, #"{"id":true,"method":"subscription.stop"}"#,
            #"{"id":1.5,"method":"subscription.stop"}"#, #"{"id":{},"method":"subscription.stop"}"#,
            #"{"id":1,"jsonrpc":"1.0","method":"query","params":{"path":"a"}}"#,
            #"{"id":1,"method":"subscription","params":{"path":"a","lastEventId":1}}"#,
            #"{"id":1,"method":"subscription","params":{"path":"a","lastEventId":null}}"#,
        ])
    func malformed(text: String) {
        #expect(throws: TRPCError(.parseError).withoutMessage) {
            try withoutMessage { () throws(TRPCError) in try TRPCClientMessage.parse(text) }
        }
    }

    @Test("Bounds: size, depth, batch, path, ids")
    func bounds() throws {
        let limits = TRPCLimits(messageSize: 200, depth: 4, batch: 2, pathLength: 5, idLength: 3)
        func code(_ text: String) -> TRPCErrorCode? {
            do throws(TRPCError) {
                _ = try TRPCClientMessage.parse(text, limits: limits)
                return nil
            } catch { return error.code }
        }
        func query(_ path: String = "a", id: String = "1", input: String = "1", more: String = "") -> String {
            #"{"id":\#(id),"method":"subscription","params":{"path":"\#(path)","input":\#(input)\#(more)}}"#
        }
        #expect(code(query("abcde")) == nil)
        #expect(code(query("abcdef")) == .badRequest)
        #expect(code(query(id: "999")) == nil)
        #expect(code(query(id: "1000")) == .badRequest)
        #expect(code(query(id: "\"abcd\"")) == .badRequest)
        #expect(code(query(more: #","lastEventId":"abc""#)) == nil)
        #expect(code(query(more: #","lastEventId":"abcd""#)) == .badRequest)
        #expect(code(query(input: "[[]]")) == nil)
        #expect(code(query(input: "[[[]]]")) == .parseError)
        #expect(code("[\(query()),\(query())]") == nil)
        #expect(code("[1,2,3]") == .badRequest)
        #expect(code(query(input: "\"\(String(repeating: "x", count: 200))\"")) == .payloadTooLarge)
    }
}

@Suite("tRPC: messages of servers")
struct TRPCServerMessageTests {
    @Test(
        "Each message, as tRPC's server writes it and as we do",
        arguments: [
            (#"{"id":1,"result":{"type":"started"}}"#, TRPCServerMessage.started(one)),
            (#"{"id":1,"result":{"type":"stopped"}}"#, .stopped(one)),
            (
                #"{"id":2,"result":{"type":"data","data":"a"}}"#,
                .data(TRPCEnvelope(.number(2)), eventID: nil, data: "a")
            ),
            (
                #"{"id":1,"result":{"type":"data","id":"0","data":{"i":0}}}"#,
                .data(one, eventID: "0", data: ["i": 0])
            ),
            (
                #"{"id":1,"error":{"message":"nope","code":-32003,"data":{"code":"FORBIDDEN","httpStatus":403,"path":"fail"}}}"#,
                .error(one, TRPCError(.forbidden, "nope", path: "fail"))
            ),
            (
                #"{"id":null,"error":{"message":"m","code":-32700,"data":{"code":"PARSE_ERROR","httpStatus":400}}}"#,
                .error(TRPCEnvelope(nil), TRPCError(.parseError, "m"))
            ),
            (
                #"{"id":"x","jsonrpc":"2.0","result":{"type":"started"}}"#,
                .started(TRPCEnvelope(.string("x"), saysVersion: true))
            ),
            (#"{"id":null,"method":"reconnect"}"#, .reconnect), ("PING", .ping), ("PONG", .pong),
        ])
    func each(text: String, message: TRPCServerMessage) throws {
        #expect(try TRPCServerMessage.parse(text) == [message])
        #expect(message.text == text)
    }

    @Test("Other forms that a server may choose")
    func forms() throws {
        // A result of HTTP has no type; a value that is undefined in JavaScript is not there.
        #expect(try TRPCServerMessage.parse(#"{"id":1,"result":{"data":1}}"#) == [.data(one, eventID: nil, data: 1)])
        #expect(
            try TRPCServerMessage.parse(#"{"id":1,"result":{"type":"data"}}"#) == [
                .data(one, eventID: nil, data: .null)
            ])
        let several = #"[{"id":1,"result":{"type":"started"}},{"id":1,"result":{"type":"stopped"}}]"#
        #expect(try TRPCServerMessage.parse(several) == [.started(one), .stopped(one)])
    }

    @Test("A tracked value is unwrapped where it is wrapped, and left alone where it is not")
    func wrapping() throws {
        var bytes: [UInt8] = []
        TRPCServerMessage.appendData(Array(#"{"i":0}"#.utf8), eventID: "0", isWrapped: true, envelope: one, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text == #"{"id":1,"result":{"type":"data","id":"0","data":{"id":"0","data":{"i":0}}}}"#)
        #expect(try TRPCServerMessage.parse(text)[0].value == ["i": 0])
        bytes = []
        TRPCServerMessage.appendData(Array(#"{"i":0}"#.utf8), eventID: "0", isWrapped: false, envelope: one, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"id":1,"result":{"type":"data","id":"0","data":{"i":0}}}"#)
        func value(_ eventID: String?, _ data: JSONValue) -> JSONValue? {
            TRPCServerMessage.data(one, eventID: eventID, data: data).value
        }
        #expect(value("0", ["id": "1", "data": 2]) == ["id": "1", "data": 2])
        #expect(value("0", ["id": "0", "data": 2, "more": 3]) == ["id": "0", "data": 2, "more": 3])
        #expect(value(nil, ["id": "0", "data": 2]) == ["id": "0", "data": 2])
        #expect(TRPCServerMessage.started(one).value == nil)
    }

    @Test(
        "What is no message is PARSE_ERROR",
        arguments: [
            "", "1", "{}", #"{"id":1}"#, #"{"id":1,"result":1}"#, #"{"id":1,"result":{"type":"other"}}"#,
            #"{"id":1,"result":{"type":"data","id":1}}"#, #"{"id":1,"error":{}}"#,
            #"{"id":1,"error":{"code":"x","message":""}}"#,
            #"{"id":1,"method":"close"}"#, "[1]",
        ])
    func malformed(text: String) {
        #expect(throws: TRPCError(.parseError).withoutMessage) {
            try withoutMessage { () throws(TRPCError) in try TRPCServerMessage.parse(text) }
        }
    }
}

extension TRPCError {
    /// The code alone, to compare.
    fileprivate var withoutMessage: TRPCError { TRPCError(code, "") }
}

private func withoutMessage<Value>(_ body: () throws(TRPCError) -> Value) throws(TRPCError) -> Value {
    do throws(TRPCError) {
        return try body()
    } catch {
        throw error.withoutMessage
    }
}
