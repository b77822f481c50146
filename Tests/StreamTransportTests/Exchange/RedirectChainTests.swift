import StreamTransport
import Synchronization
import Testing
import WireProtocols

@Suite("Redirects")
struct RedirectChainTests {
    private func head(_ status: Int, _ location: String?) throws -> ExchangeResponseHead {
        ExchangeResponseHead(status: status, headers: try HeaderFields(location.map { [("Location", $0)] } ?? []))
    }

    private func chain(_ method: String = "GET", url: String = "https://a.test/x/y?q", limit: Int = 3) -> RedirectChain
    {
        RedirectChain(
            request: ExchangeRequest(
                method: method, url: url,
                headers: [
                    "authorization": "s", "x-api-key": "s", "cookie": "s", "accept": "*/*", "content-type": "a/b",
                ],
                body: [1]),
            limit: limit)
    }

    @Test("What is no redirect is the response", arguments: [200, 204, 300, 304, 305, 306, 400, 500])
    func others(status: Int) throws {
        var chain = chain()
        #expect(try !chain.follow(head(status, "/z")))
        #expect(try !chain.follow(head(302, nil)))
        #expect(chain.request.url == "https://a.test/x/y?q")
    }

    @Test(
        "Locations are resolved",
        arguments: [
            ("/z", "https://a.test/z"), ("z?w", "https://a.test/x/z?w"), ("?r", "https://a.test/x/y?r"),
            ("//b.test/z", "https://b.test/z"), ("http://c.test:81", "http://c.test:81"), ("../z", "https://a.test/z"),
            ("/a b/ü#f", "https://a.test/a%20b/%C3%BC"),
        ])
    func locations(location: String, url: String) throws {
        var chain = chain()
        #expect(try chain.follow(head(302, location)))
        #expect(chain.request.url == url)
    }

    @Test(
        "Method and body",
        arguments: [
            (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"),
            (308, "POST", "POST"),
            (301, "PUT", "PUT"), (302, "DELETE", "DELETE"), (303, "PUT", "GET"), (303, "HEAD", "HEAD"),
            (302, "GET", "GET"),
        ])
    func methods(status: Int, method: String, next: String) throws {
        var chain = chain(method)
        #expect(try chain.follow(head(status, "/z")))
        #expect(chain.request.method == next)
        #expect(chain.request.body.isEmpty == (next != method))
        #expect(chain.request.headers.contains(name: "content-type") == (next == method))
    }

    @Test(
        "Credentials stay with their origin",
        arguments: [
            ("https://a.test/z", true), ("https://A.test:443/z", true), ("https://b.test/z", false),
            ("http://a.test/z", false), ("https://a.test:444/z", false), ("https://sub.a.test/z", false),
        ])
    func credentials(location: String, kept: Bool) throws {
        var chain = chain()
        #expect(try chain.follow(head(307, location)))
        for name in ["authorization", "x-api-key", "cookie"] {
            #expect(chain.request.headers.contains(name: name) == kept)
        }
        #expect(chain.request.headers["accept"] == "*/*")
        // Gone is gone, also on the way back.
        #expect(try chain.follow(head(307, "https://a.test/back")))
        #expect(chain.request.headers.contains(name: "authorization") == kept)
    }

    @Test("Circles and long chains end")
    func ends() throws {
        var circle = chain()
        #expect(try circle.follow(head(302, "/z")))
        let back = #expect(throws: TransportError.self) { try circle.follow(head(302, "/x/y?q#fragment")) }
        #expect(back?.code == .tooManyRedirects)
        var long = chain(limit: 2)
        #expect(try long.follow(head(302, "/1")))
        #expect(try long.follow(head(302, "/2")))
        let beyond = #expect(throws: TransportError.self) { try long.follow(head(302, "/3")) }
        #expect(beyond?.code == .tooManyRedirects)
    }

    @Test(
        "Only http and https",
        arguments: ["ftp://a.test/", "file:///etc", "javascript:x", "http://", "mailto:a@b", "http://u:p@a.test/"])
    func schemes(location: String) {
        var chain = chain()
        let error = #expect(throws: TransportError.self) { try chain.follow(head(302, location)) }
        #expect(error?.code == .malformedResponse)
    }

    private final class Hop: PulledExchange {
        let closes = Atomic(0)

        func next() async throws(TransportError) -> [UInt8]? { nil }
        func close() { closes.add(1, ordering: .relaxed) }
    }

    @Test("Every hop but the one whose response is returned is given up", arguments: [0, 1, 2, 3])
    func hops(limit: Int) async throws {
        let hops = (0...3).map { _ in Hop() }
        let sent = Atomic(0)
        var failure: TransportError?
        var response: TransportResponse?
        do throws(TransportError) {
            response = try await RedirectChain.send(
                ExchangeRequest(url: "https://a.test/0"), timeouts: TransportTimeouts(), limit: limit
            ) { (request, _) throws(TransportError) in
                let number = sent.add(1, ordering: .relaxed).oldValue
                // Three redirects, then a response.
                let location = number < 3 ? "/\(number + 1)" : nil
                let headers: HeaderFields = location.map { ["location": $0] } ?? [:]
                return (hops[number], ExchangeResponseHead(status: number < 3 ? 302 : 200, headers: headers))
            }
        } catch {
            failure = error
        }
        #expect(failure?.code == (limit < 3 ? .tooManyRedirects : nil))
        let count = sent.load(ordering: .relaxed)
        #expect(count == limit + 1)
        // A response that nobody holds any more is given up, too.
        let closed = withExtendedLifetime(response) { hops.map { $0.closes.load(ordering: .relaxed) } }
        #expect(closed == (0...3).map { $0 < count && (limit < 3 || $0 < 3) ? 1 : 0 })
    }
}
