#if AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import NIOWebSockets
    import StreamTransport
    import Synchronization
    import WireProtocols

    /// One attempt to make a connection: from the name lookup to the server's agreement, with its deadlines.
    final class WebSocketDial: Sendable {
        struct Upgraded: Sendable {
            let socket: NIOWebSocket
            let head: ExchangeResponseHead
            let agreement: WebSocketAgreement
        }

        typealias Waiter = CheckedContinuation<Result<Upgraded, TransportError>, Never>

        private struct State {
            var waiter: Waiter?
            var isDone = false
            /// The channel that the attempt goes on with: the first that was connected.
            var chosen: ObjectIdentifier?
            var isConnected = false
            /// All that were made for the attempt: names may have several addresses.
            var channels: [any Channel] = []
            var timers: [Scheduled<Void>] = []
        }

        private let plan: WebSocketPlan
        private let tls: NIOSSLContext?
        private let eventLoop: any EventLoop
        private let start: NIODeadline
        private let state = Mutex(State())

        init(_ plan: WebSocketPlan, tls: NIOSSLContext?, eventLoop: any EventLoop, start: NIODeadline) {
            self.plan = plan
            self.tls = tls
            self.eventLoop = eventLoop
            self.start = start
        }

        func run() async throws(TransportError) -> Upgraded {
            let result: Result<Upgraded, TransportError> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let isOpen = state.withLock { state in
                        if !state.isDone { state.waiter = waiter }
                        return !state.isDone
                    }
                    if isOpen { begin() } else { waiter.resume(returning: .failure(cancellation)) }
                }
            } onCancel: {
                finish(.failure(cancellation))
            }
            return try result.get()
        }

        private var cancellation: TransportError { TransportError(.cancelled, "\(plan.name) was cancelled") }

        private func begin() {
            schedule(plan.timeouts.connect) { dial in
                guard !dial.isConnected else { return }
                dial.fail(
                    .connectTimeout,
                    "no connection stood in time; raise the timeout if the network needs longer")
            }
            schedule(plan.timeouts.handshake) { dial in
                dial.fail(
                    .firstByteTimeout,
                    "the server did not answer in time; raise the timeout if it needs longer")
            }
            // The deadline is ours: it covers the name lookup and TLS as well.
            let bootstrap = ClientBootstrap(group: eventLoop)
                .connectTimeout(.hours(24))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
                }
            // An address needs no lookup.
            let connected =
                address.map { bootstrap.connect(to: $0) }
                ?? bootstrap.connect(host: plan.url.host, port: plan.url.port)
            connected.whenFailure { error in
                // Of a channel that was connected its handlers tell more.
                if !self.hasChosen { self.fail(error) }
            }
        }

        /// Where to connect, when the URL says so by a number.
        private var address: SocketAddress? {
            try? SocketAddress(ipAddress: plan.url.host, port: plan.url.port)
        }

        private func schedule(_ timeout: Duration?, _ body: @escaping @Sendable (WebSocketDial) -> Void) {
            guard let timeout else { return }
            let timer = eventLoop.scheduleTask(deadline: start + TimeAmount(bounding: timeout)) { body(self) }
            let isLate = state.withLock { state in
                if !state.isDone { state.timers.append(timer) }
                return state.isDone
            }
            if isLate { timer.cancel() }
        }

        private func prepare(_ channel: any Channel) throws {
            let isLate = state.withLock { state in
                if !state.isDone { state.channels.append(channel) }
                return state.isDone
            }
            if isLate { throw ChannelError.ioOnClosedChannel }
            let pipeline = channel.pipeline.syncOperations
            if let tls {
                // An address is no name that TLS could send; the certificate is compared with the address then.
                try pipeline.addHandler(
                    NIOSSLClientHandler(context: tls, serverHostname: address == nil ? plan.url.host : nil))
            }
            let limiter = HeadLimiter(limit: plan.headLimit)
            let encoder = HTTPRequestEncoder()
            let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
            let upgrade = WebSocketUpgradeHandler(
                plan, dial: self, isSecured: tls == nil, predecessors: [limiter, encoder, decoder])
            try pipeline.addHandlers([limiter, encoder, decoder, upgrade])
        }

        /// Whether the attempt goes on with a channel that is connected.
        func choose(_ channel: any Channel) -> Bool {
            state.withLock { state in
                if !state.isDone, state.chosen == nil { state.chosen = ObjectIdentifier(channel) }
                return state.chosen == ObjectIdentifier(channel)
            }
        }

        private var hasChosen: Bool { state.withLock { $0.chosen != nil } }

        var isConnected: Bool { state.withLock { $0.isConnected } }

        /// A connection stands, TLS included.
        func connectionStands() {
            state.withLock { $0.isConnected = true }
        }

        func fail(_ code: TransportError.Code, _ what: String, underlying: (any Error)? = nil) {
            finish(.failure(TransportError(code, "\(plan.name): \(what)", underlying: underlying)))
        }

        func fail(_ error: any Error) {
            finish(.failure(TransportError(webSocket: error, of: plan.name, isConnected: isConnected)))
        }

        /// Ends the attempt, once; all but what was made of it is closed.
        func finish(_ result: Result<Upgraded, TransportError>) {
            let ended = state.withLock { state -> State? in
                guard !state.isDone else { return nil }
                defer { state = State(isDone: true) }
                return state
            }
            guard let ended else {
                // The caller has gone meanwhile.
                if case .success(let upgraded) = result { upgraded.socket.abort() }
                return
            }
            for timer in ended.timers { timer.cancel() }
            if case .failure = result {
                for channel in ended.channels { channel.close(promise: nil) }
            }
            ended.waiter?.resume(returning: result)
        }
    }
#endif
