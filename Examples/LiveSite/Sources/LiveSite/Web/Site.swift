import DurableLog
import Foundation
import Hummingbird
import HummingbirdDelivery
import NIOCore
import NIODelivery
import StreamDelivery

/// The web server: the page's files, its API, and its events over both wires.
struct Site: Sendable {
    let log: any EventLog
    let writer: PageWriter
    let host: String
    let port: Int

    /// Serves until the process is asked to end.
    func run() async throws {
        let hub = DeliveryHub(log: log)
        let pumps = DeliveryPumps { hub.drain() }
        // Everybody may read, from this site's own pages, and no address too often.
        let access = DeliveryAccess(
            authenticate: { (_) throws(DeliveryRefusal) in .anonymous },
            authorise: { _, _, permission in permission == .read },
            rates: RateLimiter(
                RateLimits(connectionsPerPrincipal: nil, messagesPerPrincipal: nil, bytesPerPrincipal: nil)))
        let procedures = TRPCService(.site(over: hub), access: access, connections: hub.connections)

        let router = Router(context: BasicDeliveryRequestContext.self)
        router.add(middleware: FileMiddleware(Site.files, cacheControl: .init([]), searchForIndexHtml: true))
        Projects(writer: writer).addRoutes(to: router)
        router.deliver(
            "api/sse/agent-stream", pumps: pumps,
            to: ServerSentEventsEndpoint(hub: hub, address: .query("projectId"), access: access))
        router.deliver("trpc/**", pumps: pumps, to: procedures)
        var sockets = DeliveryRouter()
        sockets.addSocket("/trpc", procedures)

        let app = Application(
            router: router, server: .http1WithSockets(sockets, pumps: pumps),
            configuration: .init(address: .hostname(host, port: port), serverName: "LiveSite"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? port
                print("LiveSite: open http://\(host == "0.0.0.0" ? "localhost" : host):\(port)")
                // For whoever waits for the line in a file.
                fflush(nil)
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await hub.run() }
            group.addTask { await procedures.run() }
            try await app.runService()
            group.cancelAll()
        }
    }

    private static let files = Bundle.module.resourceURL?.appending(path: "Public").path ?? "Public"
}
