import Testing
import WireProtocols

@testable import AgentKitTesting

/// A client on a plain socket, to see what the server does byte for byte.
struct RawClient: ~Copyable {
    let socket: Int32

    init(_ server: LoopbackServer) throws {
        socket = try Socket.beginConnecting(port: server.port)
    }

    func send(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            switch Socket.send(socket, rest) {
            case .done(let count): rest = rest.dropFirst(count)
            case .wouldBlock: _ = Socket.wait(for: [(socket, true)])
            case .closed: return
            }
        }
    }

    /// What comes until the server closes, or until it is at least `count` bytes.
    func read(_ count: Int = .max) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var all: [UInt8] = []
        while all.count < count {
            _ = Socket.wait(for: [(socket, false)])
            switch Socket.receive(socket, into: &buffer) {
            case .done(let count): all += buffer[..<count]
            case .wouldBlock: continue
            case .closed: return String(decoding: all, as: UTF8.self)
            }
        }
        return String(decoding: all, as: UTF8.self)
    }

    deinit { Socket.shut(socket) }
}

@Suite("Loopback server", .serialized)
struct LoopbackServerTests {
    @Test("Requests one after the other on a connection, each with its script")
    func keepAlive() async throws {
        try await withLoopbackServer { request in
            switch request.path {
            case "/chunks": .chunked([Array("ab".utf8), Array("c".utf8)])
            case "/echo": .echo(request)
            default: LoopbackResponse([.head(200), .text("bye"), .close])
            }
        } body: { server in
            let client = try RawClient(server)
            client.send(
                "GET /chunks HTTP/1.1\r\n\r\nPOST /echo?q HTTP/1.1\r\nContent-Length: 3\r\nx: y\r\n\r\nabcGET / HTTP/1.1\r\n\r\n"
            )
            let text = client.read()
            #expect(
                text.hasPrefix(
                    "HTTP/1.1 200 Status\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"))
            #expect(text.contains("\r\n\r\nPOST /echo?q\nContent-Length: 3\nx: y\n\nabcHTTP/1.1"))
            #expect(text.hasSuffix("bye"))
            #expect(server.exchanges.map(\.request.path) == ["/chunks", "/echo", "/"])
            #expect(server.exchanges.map(\.request.connection) == [0, 0, 0])
            #expect(try await server.exchange(0).waitUntilEnded() == false)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("A gate holds the response, and the client's close is seen at it and in a stall")
    func gates() async throws {
        let gate = Gate()
        try await withLoopbackServer { _ in
            LoopbackResponse([.text("a"), .wait(gate), .text("b"), .stall])
        } body: { server in
            do {
                let client = try RawClient(server)
                client.send("GET / HTTP/1.1\r\n\r\n")
                #expect(client.read(1) == "a")
            }
            #expect(try await server.exchange(0).waitUntilEnded())
            #expect(gate.waiterCount == 0)
            do {
                let client = try RawClient(server)
                client.send("GET / HTTP/1.1\r\n\r\n")
                #expect(client.read(1) == "a")
                gate.open()
                #expect(client.read(1) == "b")
                let exchange = try await server.exchange(1)
                #expect(!exchange.isEnded)
            }
            #expect(try await server.exchange(1).waitUntilEnded())
        }
    }

    @Test("Bytes are sent only as fast as the client takes them, and are those of the pattern")
    func pattern() async throws {
        try await withLoopbackServer { _ in
            LoopbackResponse([.pattern(64 << 20)])
        } body: { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.1\r\n\r\n")
            let exchange = try await server.exchange(0)
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            var position = 0
            while position < 8 << 20 {
                _ = Socket.wait(for: [(client.socket, false)])
                guard case .done(let count) = Socket.receive(client.socket, into: &buffer) else { continue }
                #expect(LoopbackPattern.matches(Array(buffer[..<count]), at: position))
                position += count
            }
            // What the system buffers on both sides is some megabytes.
            #expect(exchange.bytesSent < 40 << 20)
            #expect(!LoopbackPattern.matches([1, 2, 3], at: 0))
            #expect(
                LoopbackPattern.bytes(65_520..<65_523) == [LoopbackPattern.block[65_520]] + LoopbackPattern.block[..<2])
        }
    }

    @Test("A request that is not HTTP is answered with 400")
    func badRequest() async throws {
        try await withLoopbackServer { _ in
            .text("")
        } body: { server in
            let client = try RawClient(server)
            client.send("nonsense\r\n\r\n")
            #expect(client.read().hasPrefix("HTTP/1.1 400 "))
            #expect(server.exchanges.isEmpty)
        }
    }

    @Test("The end of the scope ends everything, whatever the connections do")
    func shutDown() async throws {
        func openAll() async throws {
            let gate = Gate()
            let clients: [Int32] = try await withLoopbackServer { request in
                switch request.path {
                case "/stall": LoopbackResponse([.stall])
                case "/gate": LoopbackResponse([.wait(gate)])
                default: LoopbackResponse([.endlessly([UInt8](repeating: 1, count: 1000))])
                }
            } body: { server in
                var sockets: [Int32] = []
                for path in ["/stall", "/gate", "/flood", ""] {
                    let socket = try Socket.beginConnecting(port: server.port)
                    sockets.append(socket)
                    _ = Socket.wait(for: [(socket, true)])
                    if !path.isEmpty { _ = Socket.send(socket, Array("GET \(path) HTTP/1.1\r\n\r\n".utf8)[...]) }
                }
                _ = try await server.exchange(2)
                return sockets
            }
            for client in clients { Socket.shut(client) }
        }
        try await openAll()
        let sockets = ProcessFigures.openSockets
        for _ in 0..<100 { try await openAll() }
        // One that is left behind each time makes 100; other tests open some meanwhile.
        #expect(ProcessFigures.openSockets <= sockets + 60)
    }

    @Test("What the body throws comes out, after the server has ended")
    func throwing() async {
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await withLoopbackServer { _ in
                .text("")
            } body: { _ in
                throw Stop()
            }
        }
    }

    @Test("Waiting for a request or an end stops when the task is cancelled")
    func cancelledWaits() async throws {
        try await withLoopbackServer { _ in
            .text("")
        } body: { server in
            let waiting = Task { try await server.exchange(5) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        }
    }
}

@Suite("Loopback server: requests")
struct LoopbackRequestParserTests {
    private func parse(_ text: String, chunkSize: Int) throws -> [LoopbackRequest] {
        var parser = LoopbackRequestParser()
        var requests: [LoopbackRequest] = []
        for chunk in ReplayResponse.chunks(of: Array(text.utf8), size: chunkSize) {
            parser.append(chunk[...])
            while case .request(let request) = try parser.next(connection: 3) { requests.append(request) }
        }
        return requests
    }

    @Test("Bodies with a length and in chunks, however the bytes come", arguments: [1, 2, 5, 1000])
    func bodies(chunkSize: Int) throws {
        let text =
            "PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
            + "POST /b HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nt: u\r\n\r\n"
            + "GET /c HTTP/1.1\r\n\r\n"
        let requests = try parse(text, chunkSize: chunkSize)
        #expect(requests.map(\.method) == ["PUT", "POST", "GET"])
        #expect(requests.map { String(decoding: $0.body, as: UTF8.self) } == ["abc", "def", ""])
        #expect(requests.allSatisfy { $0.connection == 3 })
    }

    @Test(
        "What is not HTTP",
        arguments: [
            "x\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "G/T / HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nnocolon\r\n\r\n", "GET / HTTP/1.1\r\na b: c\r\n\r\n",
            "GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", "GET / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
            "GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
            "GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
        ])
    func malformed(text: String) {
        #expect(throws: LoopbackRequestParser.Malformed.self) { try parse(text, chunkSize: 1000) }
    }

    @Test("A head without end is refused, and a client that waits is told to go on")
    func limits() throws {
        var parser = LoopbackRequestParser()
        parser.append([UInt8](repeating: 97, count: LoopbackRequestParser.headLimit + 1)[...])
        #expect(throws: LoopbackRequestParser.Malformed.self) { try parser.next(connection: 0) }
        var waiting = LoopbackRequestParser()
        waiting.append(Array("PUT / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n".utf8)[...])
        #expect(try waiting.next(connection: 0) == .expectsContinue)
        #expect(try waiting.next(connection: 0) == .needsMore)
    }
}
