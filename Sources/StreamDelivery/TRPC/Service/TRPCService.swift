import StreamCore
import Synchronization
public import WireProtocols

/// Serves procedures to tRPC 11 clients: subscriptions over WebSocket and server-sent events, queries and mutations over both and over HTTP.
///
///     let service = TRPCService(procedures)
///     // in the host's task group:
///     group.addTask { await service.run() }
///     // respond(to:) answers HTTP, accept(_:) WebSockets, both below the base path
///
/// Over WebSocket a connection carries any number of subscriptions, which are pulled in turn; over server-sent events each has a response of its own. What the wires
/// look like is in the article "Subscriptions".
public final class TRPCService: Sendable {
    /// How a service serves.
    public struct Options: Sendable {
        /// Below which path procedures are: `/trpc` by default, so that `/trpc/agent.onAgentProgress` is one, and `/trpc` itself the WebSocket.
        public var basePath: String
        /// What is accepted of clients.
        public var limits: TRPCLimits
        /// What one WebSocket may have going on.
        public var socket: TRPCSocketOptions
        /// After how much silence clients connect anew over server-sent events; nil (the default) tells them nothing.
        ///
        /// Must be well above the host's interval of heartbeats, each of which is a `ping`.
        public var reconnectAfterInactivity: Duration?

        /// Options from their parts.
        public init(
            basePath: String = "/trpc", limits: TRPCLimits = .default, socket: TRPCSocketOptions = TRPCSocketOptions(),
            reconnectAfterInactivity: Duration? = nil
        ) {
            self.basePath = basePath.hasSuffix("/") ? String(basePath.dropLast()) : basePath
            self.limits = limits
            self.socket = socket
            self.reconnectAfterInactivity = reconnectAfterInactivity
        }
    }

    /// Finds out who a client is, from the request's header fields and from what it said where it cannot set any.
    ///
    /// It returns what procedures then find as their context's principal, and throws ``/WireProtocols/TRPCError`` to refuse: `UNAUTHORIZED`, or
    /// `FORBIDDEN` for an origin that is not allowed. It is called once per request, and once per WebSocket, before anything else is done.
    public typealias Authentication = @Sendable (DeliveryRequest, TRPCConnectionParams?) async throws -> (any Sendable)?

    let procedures: ProcedureRegistry
    let options: Options
    private let authentication: Authentication
    /// What runs for clients: calls over WebSocket, and sequences.
    let tasks = TaskScope()
    let live = LiveStreams()

    static let unavailable = TRPCError(.serviceUnavailable, "the service is going down: connect again")

    /// A service.
    ///
    /// - Parameters:
    ///   - procedures: What can be called.
    ///   - options: How it serves.
    ///   - authentication: Who the clients are; by default nobody is asked.
    public init(
        _ procedures: ProcedureRegistry, options: Options = Options(),
        authentication: @escaping Authentication = { _, _ in nil }
    ) {
        self.procedures = procedures
        self.options = options
        self.authentication = authentication
    }

    /// Runs what clients ask for that takes a task, until the calling task is cancelled; then all of it is cancelled, and clients go on elsewhere.
    public func run() async {
        await tasks.run()
        for stream in live.all { stream.leave() }
    }

    /// Asks all clients to go on elsewhere, before a deploy: `reconnect` over WebSocket, an end without `return` over server-sent events. Nothing is lost: they
    /// come back with the id of the last event that they have.
    public func drain() {
        for stream in live.all { stream.drain() }
    }

    /// How many connections and event streams there are.
    public var liveCount: Int { live.count }

    func authenticate(
        _ request: DeliveryRequest, _ parameters: TRPCConnectionParams?
    ) async -> Result<(any Sendable)?, TRPCError> {
        do {
            return .success(try await authentication(request, parameters))
        } catch let error as TRPCError {
            return .failure(error)
        } catch {
            // What an authentication throws may say what it must not.
            return .failure(TRPCError(.unauthorized))
        }
    }
}

/// What a service sends for a while, and can ask to stop.
protocol LiveStream: AnyObject, Sendable {
    /// Has the client go on elsewhere.
    func drain()
    /// Has the client go on elsewhere, as nothing works here any more.
    func leave()
}

/// What a service sends at the moment; it holds none of it.
final class LiveStreams: Sendable {
    private struct Weak: Sendable {
        weak var stream: (any LiveStream)?
    }

    private let streams = Mutex<[ObjectIdentifier: Weak]>([:])

    func insert(_ stream: some LiveStream) {
        streams.withLock { $0[ObjectIdentifier(stream)] = Weak(stream: stream) }
    }

    func remove(_ id: ObjectIdentifier) {
        _ = streams.withLock { $0.removeValue(forKey: id) }
    }

    var count: Int { streams.withLock { $0.count } }

    var all: [any LiveStream] { streams.withLock { $0.values.compactMap(\.stream) } }
}
