import Synchronization

/// How often a principal, and an address, may do something; nil for any number of times.
public struct RateLimits: Sendable, Hashable {
    /// Connections and requests, by principal.
    public var connectionsPerPrincipal: Rate?
    /// Connections and requests, by address.
    public var connectionsPerAddress: Rate?
    /// Messages that come in, appends among them, by principal.
    public var messagesPerPrincipal: Rate?
    /// Messages that come in, by address.
    public var messagesPerAddress: Rate?
    /// Bytes of such messages, by principal.
    public var bytesPerPrincipal: Rate?
    /// Bytes of such messages, by address.
    public var bytesPerAddress: Rate?

    /// Limits from their parts.
    public init(
        connectionsPerPrincipal: Rate? = Rate(perSecond: 5, burst: 50),
        connectionsPerAddress: Rate? = Rate(perSecond: 20, burst: 200),
        messagesPerPrincipal: Rate? = Rate(perSecond: 50, burst: 200),
        messagesPerAddress: Rate? = Rate(perSecond: 200, burst: 1000),
        bytesPerPrincipal: Rate? = Rate(perSecond: 262_144, burst: 4_194_304),
        bytesPerAddress: Rate? = Rate(perSecond: 1_048_576, burst: 16_777_216)
    ) {
        self.connectionsPerPrincipal = connectionsPerPrincipal
        self.connectionsPerAddress = connectionsPerAddress
        self.messagesPerPrincipal = messagesPerPrincipal
        self.messagesPerAddress = messagesPerAddress
        self.bytesPerPrincipal = bytesPerPrincipal
        self.bytesPerAddress = bytesPerAddress
    }
}

/// Keeps to ``RateLimits``, in bounded memory; shared by all endpoints that are to be limited together.
public final class RateLimiter: Sendable {
    /// What is counted.
    public enum Kind: Sendable, Hashable {
        /// Connections and requests.
        case connections
        /// Messages that come in.
        case messages
        /// Bytes of messages.
        case bytes
    }

    private struct Key: Hashable {
        var kind: Kind
        var isAddress: Bool
    }

    private let tables: Mutex<[Key: BucketTable]>
    private let now: @Sendable () -> Duration

    /// A limiter.
    ///
    /// - Parameters:
    ///   - limits: What is allowed.
    ///   - maxNames: Of how many principals, and of how many addresses, something is remembered.
    ///   - now: The time since any moment, always the same; by default that of a clock that never jumps.
    public init(_ limits: RateLimits = RateLimits(), maxNames: Int = 100_000, now: (@Sendable () -> Duration)? = nil) {
        let start = ContinuousClock.now
        self.now = now ?? { ContinuousClock.now - start }
        var tables: [Key: BucketTable] = [:]
        func add(_ kind: Kind, _ principal: Rate?, _ address: Rate?) {
            if let principal { tables[Key(kind: kind, isAddress: false)] = BucketTable(principal, maxCount: maxNames) }
            if let address { tables[Key(kind: kind, isAddress: true)] = BucketTable(address, maxCount: maxNames) }
        }
        add(.connections, limits.connectionsPerPrincipal, limits.connectionsPerAddress)
        add(.messages, limits.messagesPerPrincipal, limits.messagesPerAddress)
        add(.bytes, limits.bytesPerPrincipal, limits.bytesPerAddress)
        self.tables = Mutex(tables)
    }

    /// Counts something, against both or neither.
    ///
    /// - Parameters:
    ///   - kind: What it is.
    ///   - cost: How many.
    ///   - principal: Who does it; empty for somebody unknown, who is not limited by that.
    ///   - address: From where; empty when it is not known.
    /// - Throws: `rateLimited`, with the time after which it would be allowed; nothing is counted then.
    public func take(
        _ kind: Kind, _ cost: Int = 1, principal: String = "", address: String = ""
    ) throws(DeliveryRefusal) {
        let now = now()
        let cost = Double(cost)
        let wait = tables.withLock { tables -> Duration? in
            let names = [(Key(kind: kind, isAddress: false), principal), (Key(kind: kind, isAddress: true), address)]
            let waits = names.compactMap { $1.isEmpty ? nil : tables[$0]?.wait($1, cost, now: now) }
            if let wait = waits.max() { return wait }
            for (key, name) in names where !name.isEmpty { tables[key]?.take(name, cost, now: now) }
            return nil
        }
        if let wait {
            throw DeliveryRefusal(.rateLimited, "too many \(kind): come again later", retryAfter: wait)
        }
    }
}
