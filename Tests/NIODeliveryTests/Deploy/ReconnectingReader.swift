#if NIO
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import ServerSentEvents
    import Synchronization
    import WireProtocols

    /// A reader of the events 0, 1, 2, … that comes again with its cursor whenever its connection ends.
    final class ReconnectingReader: Sendable {
        enum Wire: CaseIterable, Sendable { case events, socket }

        private struct State {
            /// The event that must come next.
            var next = 0
            var cursor = ""
            var faults: [String] = []
            var connectionCount = 0
        }
        let wire: Wire
        private let first: Milestone
        private let state = Mutex(State())

        /// - Parameter first: Is reached with the first event.
        init(_ wire: Wire, first: Milestone) {
            self.wire = wire
            self.first = first
        }

        /// What went wrong; the first things alone.
        var faults: [String] { state.withLock { $0.faults } }
        var eventCount: Int { state.withLock { $0.next } }
        var connectionCount: Int { state.withLock { $0.connectionCount } }

        /// Reads until `count` events have come, or no server comes any more.
        func run(_ ports: ServerPorts, until count: Int) async {
            var servers = 0
            while eventCount < count, let port = await ports.next(after: servers) {
                servers += 1
                // A connection that fails is one that ended: there will be another server.
                guard let channel = try? await connect(port) else { continue }
                try? await channel.closeFuture.get()
            }
        }

        private func connect(_ port: Int) async throws -> any Channel {
            let cursor = state.withLock { state in
                state.connectionCount += 1
                return state.cursor
            }
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        switch self.wire {
                        case .events:
                            try pipeline.addHTTPClientHandlers()
                            try pipeline.addHandler(EventStreamReading(self, cursor: cursor))
                        case .socket: try pipeline.addHandler(SocketReading(self, cursor: cursor))
                        }
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
        }

        fileprivate func take(_ text: String, id: String) {
            let isFirst = state.withLock { state in
                if Int(text) != state.next {
                    if state.faults.count < 5 { state.faults.append("\(text) came instead of \(state.next)") }
                    return false
                }
                state.next += 1
                state.cursor = id
                return state.next == 1
            }
            if isFirst { first.reach() }
        }

        fileprivate func fail(_ fault: String) { state.withLock { $0.faults.append(fault) } }
    }

    /// Asks for an event stream and reads it.
    private final class EventStreamReading: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        private let reader: ReconnectingReader
        private let cursor: String
        private var parser = ServerSentEventParser()

        init(_ reader: ReconnectingReader, cursor: String) {
            self.reader = reader
            self.cursor = cursor
        }

        func channelActive(context: ChannelHandlerContext) {
            var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/events/live")
            head.headers.add(name: "host", value: "x")
            head.headers.add(name: "accept", value: "text/event-stream")
            if !cursor.isEmpty { head.headers.add(name: "last-event-id", value: cursor) }
            context.write(EventStreamReading.wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(EventStreamReading.wrapOutboundOut(.end(nil)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .body(let bytes) = EventStreamReading.unwrapInboundIn(data) else { return }
            var events: [ServerSentEvent] = []
            do { try parser.parse(Array(bytes.readableBytesView), into: &events) } catch { reader.fail("\(error)") }
            for event in events where event.type != "message" { reader.fail("an event \(event.type)") }
            for event in events { reader.take(event.data, id: event.lastEventID) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Asks for a WebSocket and reads its messages, each of which is an event.
    private final class SocketReading: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let reader: ReconnectingReader
        private let cursor: String
        private var machine = WebSocketMachine(role: .client)
        private var random = SystemRandomNumberGenerator()
        private var head: String? = ""

        init(_ reader: ReconnectingReader, cursor: String) {
            self.reader = reader
            self.cursor = cursor
        }

        func channelActive(context: ChannelHandlerContext) {
            let query = cursor.isEmpty ? "" : "?lastEventId=\(cursor)"
            let request =
                "GET /ws/live\(query) HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            context.writeAndFlush(SocketReading.wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = Array(SocketReading.unwrapInboundIn(data).readableBytesView)
            if var head {
                // The head is a few hundred bytes, and frames may come with its end.
                while !bytes.isEmpty, !head.hasSuffix("\r\n\r\n") {
                    head.unicodeScalars.append(Unicode.Scalar(bytes.removeFirst()))
                }
                guard head.hasSuffix("\r\n\r\n") else { return self.head = head }
                self.head = nil
                guard head.hasPrefix("HTTP/1.1 101 ") else { return context.close(promise: nil) }
            }
            var events: [WebSocketMachine.Event] = []
            do {
                try bytes.withUnsafeBytes { bytes in
                    var rest = bytes
                    while let event = try machine.next(from: &rest) { events.append(event) }
                }
            } catch {
                reader.fail("\(error)")
            }
            for event in events {
                switch event {
                case .message(.text(let text)): reader.take(text, id: text)
                case .message(.binary): reader.fail("a binary message")
                case .ping, .pong: break
                case .close(let closure):
                    guard let frame = machine.closeFrame(closure, using: &random) else { continue }
                    context.writeAndFlush(SocketReading.wrapOutboundOut(ByteBuffer(bytes: frame)), promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
#endif
