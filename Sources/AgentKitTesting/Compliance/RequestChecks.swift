import StreamTransport
import Synchronization
import WireProtocols

extension TransportCompliance {
    static let requestChecks = [
        Check("a request arrives as it was given") { run in
            try await run.withServer { _ in
                .text("ok")
            } body: { server in
                let body = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
                for (number, method) in ["POST", "PUT", "PATCH", "DELETE"].enumerated() {
                    let request = ExchangeRequest(
                        method: method, url: server.url + "/a/b%20c?d=e%2Ff&g=",
                        headers: [
                            "X-One": "1", "last-event-id": "ü✓", "authorization": "Bearer sesame",
                            "content-type": "application/json", "accept": "text/event-stream",
                        ], body: body)
                    try await run.inTime("a \(method)") { _ = try await run.send(request).body.collect(upTo: 100) }
                    let received = try await run.exchange(number, of: server).request
                    try run.require(received.method == method, "the method is '\(received.method)'")
                    try run.require(received.target == "/a/b%20c?d=e%2Ff&g=", "the target is '\(received.target)'")
                    try run.require(
                        received.body == body, "the body of \(method) has \(received.body.count) other bytes")
                    for field in request.headers {
                        try run.require(
                            received.headers.values(of: field.name) == [field.value],
                            "the field \(field.name) is \(received.headers.values(of: field.name))")
                    }
                    try run.require(
                        received.headers.values(of: "host") == ["127.0.0.1:\(server.port)"], "the host is wrong")
                }
            }
        },
        Check("nothing is made up") { run in
            try await run.withServer { _ in
                LoopbackResponse(headers: ["set-cookie": "a=b", "cache-control": "max-age=1000", "etag": "\"x\""])
            } body: { server in
                for _ in 0..<2 {
                    try await run.inTime("a GET") { _ = try await run.get(server.url).body.collect(upTo: 0) }
                }
                let requests = server.exchanges.map(\.request)
                try run.require(requests.count == 2, "a cache answered")
                for request in requests {
                    for name in ["cookie", "authorization", "if-none-match", "content-type", "referer", "origin"] {
                        try run.require(!request.headers.contains(name: name), "a field \(name) was added")
                    }
                    let codings = request.headers["accept-encoding"] ?? "identity"
                    try run.require(codings == "identity", "content codings are asked for: \(codings)")
                    try run.require(request.body.isEmpty, "a GET has a body")
                }
            }
        },
        Check("an error status is a response with its body") { run in
            try await run.withServer { request in
                LoopbackResponse(
                    status: Int(request.path.dropFirst()) ?? 0, headers: ["retry-after": "7"], body: Array("why".utf8))
            } body: { server in
                for status in [400, 401, 403, 404, 407, 408, 409, 422, 429, 500, 502, 503, 504, 529] {
                    try await run.inTime("status \(status)") {
                        let response = try await run.get(server.url + "/\(status)")
                        try run.require(response.head.status == status, "\(status) arrives as \(response.head.status)")
                        try run.require(response.head.headers["Retry-After"] == "7", "a field of \(status) is missing")
                        let body = try await response.body.collect(upTo: 100)
                        try run.require(body == Array("why".utf8), "the body of \(status) is missing")
                    }
                }
            }
        },
        Check("responses without a body end at once") { run in
            try await run.withServer { request in
                LoopbackResponse([
                    .head(request.method == "HEAD" ? 200 : 204, request.method == "HEAD" ? .length(5) : [:])
                ])
            } body: { server in
                for method in ["HEAD", "GET"] {
                    try await run.inTime("a response to \(method)") {
                        let response = try await run.send(ExchangeRequest(method: method, url: server.url))
                        let body = try await response.body.collect(upTo: 0)
                        try run.require(body.isEmpty, "a body where there is none")
                    }
                }
            }
        },
        Check("interim responses are passed over") { run in
            try await run.withServer { _ in
                LoopbackResponse([
                    .text("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"), .head(200, .length(2)), .text("ok"),
                ])
            } body: { server in
                try await run.inTime("a 103 and a 200") {
                    let response = try await run.get(server.url)
                    try run.require(response.head.status == 200, "the status is \(response.head.status)")
                    try run.require(try await response.body.collect(upTo: 2) == Array("ok".utf8), "the body is missing")
                }
            }
        },
        Check("large heads pass") { run in
            let long = String(repeating: "x", count: 30_000)
            try await run.withServer { request in
                var headers: HeaderFields = ["x-long": long]
                for number in 0..<100 { try? headers.append("x-\(number)", "\(number)") }
                return LoopbackResponse(headers: headers, body: Array((request.headers["x-long"] ?? "").utf8))
            } body: { server in
                try await run.inTime("a head of 30 KB both ways") {
                    let response = try await run.send(ExchangeRequest(url: server.url, headers: ["x-long": "\(long)"]))
                    try run.require(response.head.headers["x-long"] == long, "a field of 30 KB did not come back")
                    for number in 0..<100 {
                        try run.require(
                            response.head.headers["x-\(number)"] == "\(number)", "field \(number) is missing")
                    }
                    let body = try await response.body.collect(upTo: 30_000)
                    try run.require(body.count == 30_000, "a field of 30 KB did not arrive")
                }
            }
        },
        Check("many exchanges at a time") { run in
            let gate = Gate()
            let arrived = Counter()
            try await run.withServer { request in
                let count = Int(request.path.dropFirst()) ?? 0
                if arrived.increment() == 64 { gate.open() }
                return LoopbackResponse([
                    .head(200, .chunked), .wait(gate), .pattern(count, chunkSize: 100), .lastChunk,
                ])
            } body: { server in
                try await run.inTime("64 exchanges") {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<64 {
                            group.addTask {
                                let response = try await run.get(server.url + "/\(number * 100)")
                                try await run.requirePattern(response.body, count: number * 100, "exchange \(number)")
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        },
        Check("connections are used again") { run in
            try await run.withServer { _ in
                .text("ok")
            } body: { server in
                for _ in 0..<20 {
                    try await run.inTime("a GET") { _ = try await run.get(server.url).body.collect(upTo: 2) }
                }
                try run.require(server.connectionCount <= 5, "20 requests took \(server.connectionCount) connections")
            }
        },
        Check("what cannot be sent is refused") { run in
            for url in [
                "", "nonsense", "/path", "ftp://127.0.0.1/", "http://", "http://127.0.0.1/a b", "file:///etc/passwd",
            ] {
                try await run.fails("the URL '\(url)'", [.invalidRequest, .unsupported]) { _ = try await run.get(url) }
            }
            for method in ["", "G ET", "GET\r\nX: y"] {
                try await run.fails("the method '\(method)'", [.invalidRequest, .unsupported]) {
                    _ = try await run.send(ExchangeRequest(method: method, url: "http://127.0.0.1:9/"))
                }
            }
        },
    ]
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func increment() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
