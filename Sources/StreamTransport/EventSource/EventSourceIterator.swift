public import ServerSentEvents
import WireProtocols

extension EventSource {
    /// Pulls the events of a stream, and connects as often as it takes.
    public struct Iterator: AsyncIteratorProtocol {
        private static let rejectedBodyLimit = 16 << 10

        private let request: ExchangeRequest
        private let transport: any HTTPTransport
        private let clock: any Clock<Duration>
        private let observer: StateObserver
        private var random: any RandomNumberGenerator & Sendable
        private var machine: EventSourceMachine
        private var parser: ServerSentEventParser
        private var action = EventSourceMachine.Action.connect
        private var body: ResponseBody.Iterator?
        private var events: [ServerSentEvent] = []
        private var taken = 0
        private var failure: ServerSentEventError?
        private var hasEnded = false
        private var hasBegun = false

        init(
            request: ExchangeRequest, transport: any HTTPTransport, machine: EventSourceMachine,
            parser: ServerSentEventParser,
            clock: any Clock<Duration>, random: any RandomNumberGenerator & Sendable, observer: StateObserver
        ) {
            self.request = request
            self.transport = transport
            self.machine = machine
            self.parser = parser
            self.clock = clock
            self.random = random
            self.observer = observer
        }

        /// The id of the last event that was read: with it another source goes on where this one stands.
        ///
        /// Events that came in the same piece as the one handed out last count as read.
        public var lastEventID: String { parser.lastEventID }

        /// The next event, or nil when the server has said that there are no more.
        ///
        /// - Throws: ``EventSourceError`` when the source is closed for another reason; then there is nil.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EventSourceError) -> ServerSentEvent? {
            if !hasBegun {
                hasBegun = true
                observer.report(machine.state)
            }
            while true {
                if taken < events.count {
                    defer { taken += 1 }
                    return events[taken]
                }
                guard !hasEnded else { return nil }
                switch action {
                case .connect: tell(await connect(isolation: actor))
                case .read: tell(await read(isolation: actor))
                case .readRejected: tell(.rejectedBody(await readRejected(isolation: actor)))
                case .wait(let delay): tell(await wait(delay, isolation: actor))
                case .close(let error):
                    hasEnded = true
                    body = nil
                    if error.code == .stopped { return nil }
                    throw error
                }
            }
        }

        /// Has the machine decide, and tells who watches what has changed.
        private mutating func tell(_ input: EventSourceMachine.Input) {
            action = machine.handle(input, reconnectionTime: parser.reconnectionTime, using: &random)
            // Reading on is no news.
            switch (input, action) {
            case (.events, _), (_, .readRejected): return
            case (_, .wait), (_, .close): body = nil
            default: break
            }
            observer.report(machine.state)
        }

        private mutating func connect(isolation actor: isolated (any Actor)?) async -> EventSourceMachine.Input {
            var request = request
            do throws(HeaderFieldError) {
                if !request.headers.contains(name: "accept") { try request.headers.set("accept", "text/event-stream") }
                if !request.headers.contains(name: "cache-control") {
                    try request.headers.set("cache-control", "no-cache")
                }
                if !parser.lastEventID.isEmpty { try request.headers.set("last-event-id", parser.lastEventID) }
            } catch {
                return .invalidRequest(error)
            }
            parser.startNewConnection()
            do throws(TransportError) {
                let response = try await transport.send(request, timeouts: machine.options.timeouts)
                body = response.body.makeAsyncIterator()
                return .response(response.head)
            } catch {
                return .failed(error)
            }
        }

        private mutating func read(isolation actor: isolated (any Actor)?) async -> EventSourceMachine.Input {
            events.removeAll(keepingCapacity: true)
            taken = 0
            if let failure { return .unacceptable(failure) }
            do throws(TransportError) {
                // Comments and halves of events bring none: that is no news for anybody.
                while events.isEmpty {
                    guard let chunk = try await body?.next(isolation: actor) else { return .ended }
                    do throws(ServerSentEventError) {
                        try parser.parse(chunk, into: &events)
                    } catch {
                        // The events before it come first.
                        if events.isEmpty { return .unacceptable(error) }
                        failure = error
                    }
                }
                return .events
            } catch {
                return .failed(error)
            }
        }

        /// The beginning of a body that says why there are no events, as far as it comes.
        private mutating func readRejected(isolation actor: isolated (any Actor)?) async -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < Iterator.rejectedBodyLimit, let chunk = try? await body?.next(isolation: actor) {
                bytes += chunk.prefix(Iterator.rejectedBodyLimit - bytes.count)
            }
            return bytes
        }

        private func wait(
            _ delay: Duration, isolation actor: isolated (any Actor)?
        ) async -> EventSourceMachine.Input {
            do {
                try await clock.sleep(for: delay)
                return .waited
            } catch {
                return .cancelled
            }
        }
    }
}
