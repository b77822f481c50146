#if NIO
    package import NIOCore
    import NIOPosix
    import Synchronization

    /// A client that says what it likes, byte by byte.
    package final class RawClient: Sendable {
        private struct State {
            var text: [UInt8] = []
            var isEnded = false
            var waiter: CheckedContinuation<Void, Never>?
        }

        private let channel: any Channel
        private let state: Inbox

        /// What came of the server.
        private final class Inbox: ChannelInboundHandler, Sendable {
            typealias InboundIn = ByteBuffer
            let state = Mutex(State())

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                let buffer = Inbox.unwrapInboundIn(data)
                change { $0.text += buffer.readableBytesView }
            }

            func channelInactive(context: ChannelHandlerContext) {
                change { $0.isEnded = true }
                context.fireChannelInactive()
            }

            // A reset is an end as well.
            func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

            private func change(_ body: (inout State) -> Void) {
                let waiter = state.withLock { state in
                    body(&state)
                    return state.waiter.take()
                }
                waiter?.resume()
            }
        }

        private init(channel: any Channel, state: Inbox) {
            self.channel = channel
            self.state = state
        }

        /// Connects for as long as `body` takes, and then goes without a word.
        ///
        /// - Parameters:
        ///   - port: The server's port on 127.0.0.1.
        ///   - reads: Whether the client takes what the server sends.
        ///   - prepare: Adds to the channel what comes before the client, TLS for one.
        ///   - body: What the client says and reads.
        package static func with<Result: Sendable>(
            port: Int, reads: Bool = true, prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in },
            _ body: (RawClient) async throws -> Result
        ) async throws -> Result {
            let inbox = Inbox()
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: reads)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try prepare(channel)
                        try channel.pipeline.syncOperations.addHandler(inbox)
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            let client = RawClient(channel: channel, state: inbox)
            do {
                let result = try await body(client)
                try? await channel.close()
                return result
            } catch {
                try? await channel.close()
                throw error
            }
        }

        /// Sends text; a server that has ended the connection is no error here.
        package func write(_ text: String) async { await write(Array(text.utf8)) }

        /// Sends bytes; a server that has ended the connection is no error here.
        package func write(_ bytes: [UInt8]) async { try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

        /// What came so far, as text.
        package var text: String { String(decoding: state.state.withLock { $0.text }, as: UTF8.self) }

        /// Reads until all that came contains `part`; nil when the server ends before.
        package func read(until part: String) async -> String? {
            while true {
                let (text, isEnded) = state.state.withLock { (String(decoding: $0.text, as: UTF8.self), $0.isEnded) }
                if text.contains(part) { return text }
                if isEnded { return nil }
                await more(than: text.utf8.count)
            }
        }

        /// Reads until the server ends the connection.
        package func readToEnd() async -> String {
            while true {
                let (count, isEnded) = state.state.withLock { ($0.text.count, $0.isEnded) }
                if isEnded { return text }
                await more(than: count)
            }
        }

        /// Waits until something has come, and takes it all.
        package func take() async -> Int {
            while true {
                let (count, isEnded) = state.state.withLock { state in
                    defer { state.text = [] }
                    return (state.text.count, state.isEnded)
                }
                if count > 0 || isEnded { return count }
                await more(than: 0)
            }
        }

        /// Lets go of what came so far.
        package func forget() { state.state.withLock { $0.text = [] } }

        private func more(than count: Int) async {
            await withCheckedContinuation { waiter in
                let isThere = state.state.withLock { state in
                    let isThere = state.text.count != count || state.isEnded
                    if !isThere { state.waiter = waiter }
                    return isThere
                }
                if isThere { waiter.resume() }
            }
        }
    }
#endif
