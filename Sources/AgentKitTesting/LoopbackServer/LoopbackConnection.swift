/// One connection of the loopback server: reads requests and plays scripts, on a thread of its own.
///
/// Everything here runs on that thread; other threads reach it by its pipe alone.
struct LoopbackConnection {
    /// Why the playing of a script stops early.
    private enum Stop: Error {
        case clientClosed
        case serverClosed
        /// Without the goodbye of TLS.
        case serverCuts
        case serverResets
        case shutDown
    }

    let number: Int
    let socket: Int32
    /// Readable when something changed: the end of the server, or a gate.
    let wake: Int32
    let server: LoopbackServer
    private var parser = LoopbackRequestParser()
    private var inbox = [UInt8](repeating: 0, count: 64 << 10)
    private let session: LoopbackTLSSession?

    init(number: Int, socket: Int32, wake: Int32, server: LoopbackServer) {
        session = server.tls?.makeSession()
        self.number = number
        self.socket = socket
        self.wake = wake
        self.server = server
    }

    /// Serves until one side ends the connection; the descriptors stay open, for the caller to close.
    mutating func run() {
        var exchanges: [LoopbackExchange] = []
        var isByClient = false
        do throws(Stop) {
            while true {
                let request = try nextRequest()
                let exchange = LoopbackExchange(request: request)
                exchanges.append(exchange)
                server.record(exchange)
                for step in server.respond(request).steps { try play(step, exchange) }
            }
        } catch {
            switch error {
            case .clientClosed: isByClient = true
            case .serverResets: Socket.resetOnClose(socket)
            case .serverClosed: if let session { try? sendRaw(session.goodbye()[...]) }
            case .serverCuts, .shutDown: break
            }
        }
        for exchange in exchanges { exchange.end(byClient: isByClient) }
    }

    private mutating func nextRequest() throws(Stop) -> LoopbackRequest {
        while true {
            let step: LoopbackRequestParser.Step
            do throws(LoopbackRequestParser.Malformed) {
                step = try parser.next(connection: number)
            } catch {
                try? send(Array("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n\(error.reason)\n".utf8), nil)
                throw .serverClosed
            }
            switch step {
            case .request(let request): return request
            case .expectsContinue: try send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), nil)
            case .needsMore: try pause()
            }
        }
    }

    private mutating func play(_ step: LoopbackResponse.Step, _ exchange: LoopbackExchange) throws(Stop) {
        switch step.kind {
        case .bytes(let bytes): try send(bytes, exchange)
        case .pattern(let count, let chunkSize): try sendPattern(count, chunkSize, exchange)
        case .endlessly(let bytes): while !bytes.isEmpty { try send(bytes, exchange) }
        case .wait(let gate):
            let id = gate.makeID()
            gate.register(id: id) { [server, number] _ in server.wake(connection: number) }
            defer { gate.remove(id: id) }
            while !gate.isOpen { try pause() }
        case .stall: while true { try pause() }
        case .reset: throw .serverResets
        case .close: throw .serverClosed
        case .cut: throw .serverCuts
        }
    }

    private mutating func sendPattern(
        _ count: Int, _ chunkSize: Int?, _ exchange: LoopbackExchange
    ) throws(Stop) {
        var position = 0
        while position < count {
            let start = position % LoopbackPattern.period
            let size = min(count - position, LoopbackPattern.period - start, chunkSize ?? .max)
            let block = LoopbackPattern.block[start..<start + size]
            if chunkSize != nil {
                try send(Array((String(size, radix: 16) + "\r\n").utf8) + block + [13, 10], exchange)
            } else {
                try send(block, exchange)
            }
            position += size
        }
    }

    private mutating func send(_ bytes: ArraySlice<UInt8>, _ exchange: LoopbackExchange?) throws(Stop) {
        guard session != nil else { return try sendRaw(bytes, exchange) }
        var rest = bytes
        while !rest.isEmpty {
            let piece = rest.prefix(16 << 10)
            guard let sealed = session?.seal(piece) else { throw .clientClosed }
            try sendRaw(sealed[...])
            exchange?.count(piece.count)
            rest = rest.dropFirst(piece.count)
        }
    }

    private mutating func sendRaw(_ bytes: ArraySlice<UInt8>, _ exchange: LoopbackExchange? = nil) throws(Stop) {
        var rest = bytes
        while !rest.isEmpty {
            switch Socket.send(socket, rest) {
            case .done(let count):
                rest = rest.dropFirst(count)
                exchange?.count(count)
                if server.isShutDown { throw .shutDown }
            case .closed: throw .clientClosed
            case .wouldBlock: try pause(toWrite: true)
            }
        }
    }

    private mutating func send(_ bytes: [UInt8], _ exchange: LoopbackExchange?) throws(Stop) {
        try send(bytes[...], exchange)
    }

    /// Waits for the next thing to happen; what the client sends is kept, its end is an error.
    private mutating func pause(toWrite: Bool = false) throws(Stop) {
        if server.isShutDown { throw .shutDown }
        let ready = Socket.wait(for: [(socket, toWrite), (wake, false)])
        if ready[1].readable { Socket.drain(wake) }
        if server.isShutDown { throw .shutDown }
        guard ready[0].readable else { return }
        switch Socket.receive(socket, into: &inbox) {
        case .done(let count): try take(inbox[..<count])
        case .wouldBlock: break
        case .closed: throw .clientClosed
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) throws(Stop) {
        guard let opened = session?.open(bytes) else { return parser.append(bytes) }
        parser.append(opened.plaintext[...])
        try sendRaw(opened.reply[...])
        if opened.isEnded { throw .clientClosed }
    }
}
