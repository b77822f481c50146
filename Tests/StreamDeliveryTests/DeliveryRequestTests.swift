import StreamDelivery
import Testing
import WireProtocols

@Suite struct DeliveryRequestTests {
    @Test func aTargetIsCutAtItsFirstQuestionMark() {
        let request = DeliveryRequest(target: "/a%20b?x=1?2&y")
        #expect(request.path == "/a%20b")
        #expect(request.query == "x=1?2&y")
        #expect(DeliveryRequest(target: "/").query == nil)
        #expect(DeliveryRequest(target: "/?").query == "")
    }

    @Test func whatIsPrintedHoldsNoCredential() throws {
        let request = DeliveryRequest(
            target: "/events?ticket=secret-1", headers: ["authorization": "Bearer secret-2", "cookie": "s=secret-3"])
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] { #expect(!text.contains("secret")) }
    }
}
