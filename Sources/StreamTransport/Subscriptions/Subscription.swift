import StreamCore
import WireProtocols

/// A value of a subscription, with its id when it is tracked.
public struct SubscriptionEvent<Value> {
    /// The id: with it another subscription goes on where this one stands; nil when the server tracks nothing.
    public var id: String?
    /// The value.
    public var value: Value

    /// An event from its parts.
    public init(id: String?, value: Value) {
        self.id = id
        self.value = value
    }
}

extension SubscriptionEvent: Sendable where Value: Sendable {}
extension SubscriptionEvent: Equatable where Value: Equatable {}

/// The values of a subscription, over as many connections as it takes: an async sequence.
///
/// It connects when it is iterated, each iteration on its own, and asks for what follows the last value whenever a connection has ended, broken or fallen silent.
/// It ends when the server ends it. Values are pulled: while the consumer does not ask, nothing is read, and the server is held back.
public struct Subscription<Value: Decodable>: AsyncSequence, Sendable {
    /// A value with its id.
    public typealias Element = SubscriptionEvent<Value>
    /// Why there are no more values.
    public typealias Failure = SubscriptionError

    let link: SubscriptionLink
    let target: SubscriptionTarget
    let options: SubscriptionOptions
    let lastEventID: String?
    let clock: any Clock<Duration>
    let random: any RandomNumberGenerator & Sendable
    let observer: @Sendable (SubscriptionState) -> Void

    /// An iteration with a connection of its own.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            machine: SubscriptionMachine(wire: link.wire, options: options, lastEventID: lastEventID), link: link,
            target: target, clock: clock, random: random, observer: observer)
    }

    /// Pulls the values of a subscription, and connects as often as it takes.
    public struct Iterator: AsyncIteratorProtocol {
        private var machine: SubscriptionMachine
        private let link: SubscriptionLink
        private let target: SubscriptionTarget
        private let clock: any Clock<Duration>
        private var random: any RandomNumberGenerator & Sendable
        private let observer: @Sendable (SubscriptionState) -> Void
        private var connection: SubscriptionConnection?
        private var action = SubscriptionMachine.Action.connect
        private var hasBegun = false
        private var hasEnded = false

        init(
            machine: SubscriptionMachine, link: SubscriptionLink, target: SubscriptionTarget,
            clock: any Clock<Duration>, random: any RandomNumberGenerator & Sendable,
            observer: @escaping @Sendable (SubscriptionState) -> Void
        ) {
            self.machine = machine
            self.link = link
            self.target = target
            self.clock = clock
            self.random = random
            self.observer = observer
        }

        /// The id of the last value that was handed out: with it another subscription goes on where this one stands.
        public var lastEventID: String? { machine.lastEventID }

        /// The next value, or nil when the server has ended the subscription.
        ///
        /// - Throws: ``SubscriptionError`` when there will be no more values for another reason, and with ``SubscriptionError/Code/invalidValue``
        ///   for a value of another type, after which the next one can be asked for. After any other error there is nil.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(SubscriptionError) -> Element? {
            if !hasBegun {
                hasBegun = true
                observer(machine.state)
            }
            while !hasEnded {
                switch action {
                case .connect: tell(await connect())
                case .send(let message): tell(await connection?.send(message) ?? .ended)
                case .receive(let patience):
                    guard var current = connection else { return nil }
                    let input = await current.receive(within: patience, clock: clock)
                    connection = current
                    tell(input)
                case .deliver(let json, let id):
                    tell(.done)
                    return Element(id: id, value: try decode(json))
                case .wait(let delay): tell(await wait(delay))
                case .finish:
                    hasEnded = true
                    await connection?.close()
                    connection = nil
                case .fail(let error):
                    hasEnded = true
                    connection = nil
                    throw error
                }
            }
            return nil
        }

        /// Has the machine decide, and tells who watches what has changed.
        private mutating func tell(_ input: SubscriptionMachine.Input) {
            let before = machine.state.name
            action = machine.handle(input, using: &random)
            if case .wait = action { connection = nil }
            if machine.state.name != before { observer(machine.state) }
        }

        private mutating func connect() async -> SubscriptionMachine.Input {
            let opening = await SubscriptionConnection.open(
                target, on: link, after: machine.lastEventID, options: machine.options)
            switch opening {
            case .input(let input): return input
            case .connection(let opened):
                connection = opened
                return .opened
            }
        }

        private func decode(_ json: JSONValue) throws(SubscriptionError) -> Value {
            do {
                return try json.decoded(as: Value.self)
            } catch {
                throw SubscriptionError(
                    .invalidValue, "the value is no \(Value.self)", underlying: error)
            }
        }

        private func wait(_ delay: Duration) async -> SubscriptionMachine.Input {
            do {
                try await clock.sleep(for: delay)
                return .waited
            } catch {
                return .cancelled
            }
        }
    }
}
