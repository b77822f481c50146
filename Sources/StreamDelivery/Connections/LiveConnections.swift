public import StreamCore
import Synchronization

/// The connections that a server is serving: how many of whom, and the way to end them.
public final class LiveConnections: Sendable {
    let instrumentation: Instrumentation
    private let limits: ConnectionLimits
    private let state = Mutex(State())

    private struct State: Sendable {
        var connections: [Int: Weak] = [:]
        var nextNumber = 0
        var byPrincipal: [String: Int] = [:]
        var byAddress: [String: Int] = [:]
        var isDraining = false
    }

    private struct Weak: Sendable {
        weak var connection: LiveConnection?
    }

    /// An empty table.
    public init(limits: ConnectionLimits = ConnectionLimits(), instrumentation: Instrumentation = .none) {
        self.limits = limits
        self.instrumentation = instrumentation
    }

    /// How many connections there are.
    public var count: Int { state.withLock { $0.connections.count } }

    /// Whether ``drain(retry:spread:)`` was called: no connection is taken any more.
    public var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Tells every connection to end and to come again, and takes no new ones: for a restart, after which each goes on where it was.
    ///
    /// - Parameters:
    ///   - retry: How long the first of them are to wait.
    ///   - spread: Over how long a time the others are spread, so that they do not all come at once.
    public func drain(retry: Duration = .seconds(1), spread: Duration = .seconds(2)) {
        let connections = state.withLock { state in
            state.isDraining = true
            return state.connections.values.compactMap(\.connection)
        }
        for (place, connection) in connections.enumerated() {
            connection.tell(.drain(retry: retry + spread * (Double(place) / Double(connections.count))))
        }
    }

    /// Ends the connections of a principal at once, on whatever transport.
    ///
    /// - Parameters:
    ///   - principal: The principal's id.
    ///   - credential: The credential that is no longer valid; nil for all of the principal's.
    /// - Returns: How many connections were told to end.
    @discardableResult
    public func revoke(principal: String, credential: String? = nil) -> Int {
        // Chosen outside the lock: a connection that is let go of meanwhile leaves the table.
        let connections = state.withLock { $0.connections.values.compactMap(\.connection) }.filter {
            $0.principal.id == principal && (credential == nil || credential == $0.principal.credentialID)
        }
        for connection in connections { connection.tell(.revoke) }
        return connections.count
    }

    /// Takes a connection, if the limits allow.
    func admit(
        _ principal: DeliveryPrincipal, address: String, transport: String
    ) throws(DeliveryRefusal) -> LiveConnection {
        let result = state.withLock { state -> Result<LiveConnection, DeliveryRefusal> in
            if let refusal = refusal(state, principal, address) { return .failure(refusal) }
            state.nextNumber += 1
            let connection = LiveConnection(
                state.nextNumber, principal, address: address, transport: transport, table: self)
            state.connections[state.nextNumber] = Weak(connection: connection)
            if !principal.id.isEmpty { state.byPrincipal[principal.id, default: 0] += 1 }
            if !address.isEmpty { state.byAddress[address, default: 0] += 1 }
            return .success(connection)
        }
        return try result.get()
    }

    private func refusal(_ state: State, _ principal: DeliveryPrincipal, _ address: String) -> DeliveryRefusal? {
        if state.isDraining {
            return DeliveryRefusal(.unavailable, "the server restarts", retryAfter: .seconds(1))
        }
        if state.connections.count >= limits.total {
            return DeliveryRefusal(.unavailable, "the server has all the connections it takes", retryAfter: .seconds(5))
        }
        if !principal.id.isEmpty, state.byPrincipal[principal.id, default: 0] >= limits.perPrincipal {
            return DeliveryRefusal(.rateLimited, "too many connections at a time", retryAfter: .seconds(5))
        }
        if !address.isEmpty, state.byAddress[address, default: 0] >= limits.perAddress {
            return DeliveryRefusal(
                .rateLimited, "too many connections from this address at a time", retryAfter: .seconds(5))
        }
        return nil
    }

    func remove(_ connection: LiveConnection) {
        state.withLock { state in
            guard state.connections.removeValue(forKey: connection.number) != nil else { return }
            LiveConnections.decrement(&state.byPrincipal, connection.principal.id)
            LiveConnections.decrement(&state.byAddress, connection.address)
        }
    }

    private static func decrement(_ counts: inout [String: Int], _ key: String) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}

/// How many connections are served at a time; every connection is counted that is open, an event stream or a WebSocket.
public struct ConnectionLimits: Sendable, Hashable {
    /// Of all.
    public var total: Int
    /// Of one principal.
    public var perPrincipal: Int
    /// Of one address.
    public var perAddress: Int

    /// Limits from their parts; by default as many as there are descriptors for.
    public init(total: Int = 100_000, perPrincipal: Int = .max, perAddress: Int = .max) {
        self.total = total
        self.perPrincipal = perPrincipal
        self.perAddress = perAddress
    }
}
