import StreamTransport
import WireProtocols

extension TransportCompliance {
    static let redirectChecks = [
        Check("redirects are followed as RFC 9110 says") { run in
            try await run.withServer { request in
                guard let status = Int(request.path.dropFirst()) else { return .echo(request) }
                return .redirect(to: "done?from=\(status)", status: status)
            } body: { server in
                let cases = [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
                for (status, method) in cases {
                    try await run.inTime("a \(status)") {
                        let response = try await run.send(
                            ExchangeRequest(
                                method: "POST", url: server.url + "/\(status)", headers: ["x-api-key": "sesame"],
                                body: Array("body".utf8)))
                        let text = String(decoding: try await response.body.collect(upTo: 10_000), as: UTF8.self)
                        try run.require(
                            text.hasPrefix("\(method) /done?from=\(status)\n"), "a POST goes on as \(text.prefix(40))")
                        try run.require(
                            text.hasSuffix("\n\nbody") == (method == "POST"), "the body of a \(status) is wrong")
                        try run.require(
                            text.lowercased().contains("sesame"), "a credential was kept from its own origin")
                    }
                }
            }
        },
        Check("credentials do not go to another origin") { run in
            try await run.withServer {
                .echo($0)
            } body: { other in
                let target = other.url + "/elsewhere"
                try await run.withServer { _ in
                    .redirect(to: target, status: 307)
                } body: { server in
                    try await run.inTime("a redirect to another port") {
                        let response = try await run.send(
                            ExchangeRequest(
                                method: "POST", url: server.url,
                                headers: [
                                    "authorization": "Bearer sesame", "x-api-key": "sesame", "cookie": "a=sesame",
                                    "x-plain": "kept",
                                ], body: Array("body".utf8)))
                        let text = String(decoding: try await response.body.collect(upTo: 10_000), as: UTF8.self)
                        try run.require(!text.contains("sesame"), "a credential went to another origin")
                        try run.require(
                            text.contains("kept") && text.hasSuffix("body"), "the redirect lost the request")
                    }
                }
            }
        },
        Check("endless and circular redirects end") { run in
            try await run.withServer { request in
                switch request.path {
                case "/self": .redirect(to: "/self")
                case "/a": .redirect(to: "/b", status: 307)
                case "/b": .redirect(to: "/a", status: 307)
                default: .redirect(to: request.path + "x")
                }
            } body: { server in
                for path in ["/self", "/a", "/x"] {
                    let before = server.exchanges.count
                    try await run.fails(path, [.tooManyRedirects]) { _ = try await run.get(server.url + path) }
                    let count = server.exchanges.count - before
                    try run.require(count <= run.expectations.maxRedirects + 1, "\(path): \(count) requests were sent")
                }
            }
        },
        Check("a redirect leads to http or nowhere") { run in
            for target in ["ftp://127.0.0.1/", "file:///etc/passwd", "http://"] {
                try await run.withServer { _ in
                    .redirect(to: target)
                } body: { server in
                    try await run.fails("a redirect to \(target)", [.malformedResponse, .unsupported]) {
                        _ = try await run.get(server.url)
                    }
                }
            }
        },
    ]
}
