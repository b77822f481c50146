import StreamCore
public import WireProtocols

/// Serves procedures to tRPC 11 clients: subscriptions over WebSocket and server-sent events, queries and mutations over both and over HTTP.
///
///     let service = TRPCService(procedures, access: access, connections: hub.connections)
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
        /// How large requests may be: path and query 32 KiB by default, as a batch of queries has its inputs there.
        public var requests: RequestLimits
        /// What is accepted of clients' messages and inputs.
        public var limits: TRPCLimits
        /// What one WebSocket may have going on.
        public var socket: TRPCSocketOptions
        /// After how much silence clients connect anew over server-sent events; nil (the default) tells them nothing.
        ///
        /// Must be well above the host's interval of heartbeats, each of which is a `ping`.
        public var reconnectAfterInactivity: Duration?

        /// Options from their parts.
        public init(
            basePath: String = "/trpc", requests: RequestLimits = RequestLimits(targetBytes: 32 << 10),
            limits: TRPCLimits = .default, socket: TRPCSocketOptions = TRPCSocketOptions(),
            reconnectAfterInactivity: Duration? = nil
        ) {
            self.requests = requests
            self.basePath = basePath.hasSuffix("/") ? String(basePath.dropLast()) : basePath
            self.limits = limits
            self.socket = socket
            self.reconnectAfterInactivity = reconnectAfterInactivity
        }
    }

    let procedures: ProcedureRegistry
    let options: Options
    let access: DeliveryAccess
    let connections: LiveConnections
    /// What runs for clients: calls over WebSocket, and sequences.
    let tasks = TaskScope()

    static let unavailable = TRPCError(.serviceUnavailable, "the service is going down: connect again")

    /// A service.
    ///
    /// - Parameters:
    ///   - procedures: What can be called.
    ///   - access: Who may; asked before anything else is done for a client. Connection parameters are among the credentials that it sees.
    ///   - connections: Where connections are counted, drained and revoked: a hub's, so that its ``DeliveryHub/drain(retry:spread:)`` reaches them.
    ///   - options: How it serves.
    public init(
        _ procedures: ProcedureRegistry, access: DeliveryAccess, connections: LiveConnections,
        options: Options = Options()
    ) {
        self.procedures = procedures
        self.access = access
        self.connections = connections
        self.options = options
    }

    /// Runs what clients ask for that takes a task, until the calling task is cancelled; then all of it is cancelled, and clients connect again.
    public func run() async {
        await tasks.run()
    }

    /// Who a client is.
    func authenticate(
        _ request: DeliveryRequest, _ parameters: TRPCConnectionParams?
    ) async throws(DeliveryRefusal) -> DeliveryPrincipal {
        do throws(DeliveryRefusal) {
            return try await access.principal(
                DeliveryCredentials(request, connectionParameters: parameters?.json),
                ticket: request.queryItems["ticket"])
        } catch {
            report(error, request)
            throw error
        }
    }

    /// Tells whoever watches that a request was refused.
    func report(_ refusal: DeliveryRefusal, _ request: DeliveryRequest) {
        connections.instrumentation.report(refusal, of: request)
    }
}

extension TRPCError {
    /// What a refusal is to a tRPC client.
    init(_ refusal: DeliveryRefusal) {
        let code: TRPCErrorCode =
            switch refusal.status {
            case 401: .unauthorized
            case 403: .forbidden
            case 404, 410: .notFound
            case 405: .methodNotSupported
            case 409: .conflict
            case 413, 414, 431: .payloadTooLarge
            case 429: .tooManyRequests
            case 503: .serviceUnavailable
            case 500...: .internalServerError
            default: .badRequest
            }
        self.init(code, refusal.message, details: refusal.details)
    }
}
