import StreamCore
import Testing
import WireProtocols

@Suite("Heads of responses")
struct ResponseHeadTests {
    @Test(
        "A status stands for a kind of failure, and from 400 on always for one",
        arguments: [
            (200, nil), (204, nil), (304, nil), (399, nil), (400, .invalidRequest), (401, .authentication),
            (403, .permission), (404, .notFound), (407, .authentication), (408, .timeout), (409, .invalidRequest),
            (410, .notFound), (425, .timeout), (426, .invalidRequest), (429, .rateLimited), (499, .invalidRequest),
            (500, .server), (502, .server), (503, .overloaded), (504, .timeout), (524, .timeout), (529, .overloaded),
            (599, .server), (600, .malformedResponse),
        ] as [(Int, FailureKind?)])
    func failureKind(status: Int, kind: FailureKind?) {
        #expect(ExchangeResponseHead(status: status).failureKind == kind)
    }

    @Test("What may pass is what is worth asking again")
    func transient() {
        let transient = (100...999).filter { ExchangeResponseHead(status: $0).failureKind?.isTransient == true }
        #expect(transient == [408, 425, 429] + Array(500...599))
    }
}
