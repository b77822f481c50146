import StreamCore
import Testing
import WireProtocols

@Suite("tRPC: errors")
struct TRPCErrorTests {
    @Test(
        "Every code has the number and status of tRPC 11",
        arguments: [
            ("PARSE_ERROR", -32700, 400), ("BAD_REQUEST", -32600, 400), ("INTERNAL_SERVER_ERROR", -32603, 500),
            ("NOT_IMPLEMENTED", -32603, 501), ("BAD_GATEWAY", -32603, 502), ("SERVICE_UNAVAILABLE", -32603, 503),
            ("GATEWAY_TIMEOUT", -32603, 504), ("UNAUTHORIZED", -32001, 401), ("PAYMENT_REQUIRED", -32002, 402),
            ("FORBIDDEN", -32003, 403), ("NOT_FOUND", -32004, 404), ("METHOD_NOT_SUPPORTED", -32005, 405),
            ("TIMEOUT", -32008, 408), ("CONFLICT", -32009, 409), ("PRECONDITION_FAILED", -32012, 412),
            ("PAYLOAD_TOO_LARGE", -32013, 413), ("UNSUPPORTED_MEDIA_TYPE", -32015, 415),
            ("UNPROCESSABLE_CONTENT", -32022, 422), ("PRECONDITION_REQUIRED", -32028, 428),
            ("TOO_MANY_REQUESTS", -32029, 429), ("CLIENT_CLOSED_REQUEST", -32099, 499), ("HOUSE_RULE", -32603, 500),
        ])
    func codes(name: String, number: Int, status: Int) throws {
        let code = TRPCErrorCode(rawValue: name)
        #expect(code.number == number)
        #expect(code.httpStatus == status)
        #expect(code.isRetryable == (number == -32603))
        let error = TRPCError(code, "why", path: "a.b")
        #expect(
            error.json.jsonString
                == #"{"message":"why","code":\#(number),"data":{"code":"\#(name)","httpStatus":\#(status),"path":"a.b"}}"#
        )
        #expect(TRPCError(error.json) == error)
    }

    @Test("A number alone is a code too; numbers that several share are the first of them")
    func numbers() {
        #expect(TRPCErrorCode(number: -32004) == .notFound)
        #expect(TRPCErrorCode(number: -32603) == .internalServerError)
        #expect(TRPCErrorCode(number: 1) == nil)
        #expect(TRPCError(["code": -32004, "message": "m"]) == TRPCError(.notFound, "m"))
        #expect(TRPCError(["code": 12, "message": "m"])?.code == .internalServerError)
        #expect(TRPCError(["code": -32004]) == nil)
        #expect(TRPCError(["code": "x", "message": "m"]) == nil)
        #expect(TRPCError("no") == nil)
    }

    @Test("Details travel along and cannot pose as the error's own members")
    func details() {
        let error = TRPCError(
            .badRequest, "m", details: ["fault": ["a": 1], "code": "X", "path": "y", "httpStatus": 1])
        #expect(error.json["data"] == ["code": "BAD_REQUEST", "httpStatus": 400, "fault": ["a": 1]])
        #expect(TRPCError(error.json)?.details == ["fault": ["a": 1]])
        #expect(TRPCError(.notFound).message == "NOT_FOUND")
        #expect(TRPCError(.notFound).at("p").path == "p")
        #expect(TRPCError(.notFound, path: "q").at("p").path == "q")
    }
}
