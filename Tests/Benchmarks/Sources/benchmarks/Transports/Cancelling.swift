import AgentKitTesting
import CReference
import StreamTransport
import WireProtocols

/// The time from cancelling a task that reads a body to the end of the connection, as the server sees it: in this process, as only there the
/// server can be asked.
enum Cancelling {
    /// The median of so many cancels, or the longest.
    enum Figure {
        case median
        case worst
    }

    /// Measures cancels one after the other.
    ///
    /// - Parameters:
    ///   - isFlooded: Whether the server sends as fast as it can; else it is silent behind the first byte.
    ///   - figure: What the outcome's time is.
    @concurrent
    static func measure(
        _ transport: any HTTPTransport, isFlooded: Bool, requests: Int, _ figure: Figure
    ) async -> Contender.Outcome {
        do {
            let times = try await withLoopbackServer { _ in
                LoopbackResponse([
                    .head(200), .text("a"), isFlooded ? .endlessly([UInt8](repeating: 97, count: 65_536)) : .stall,
                ])
            } body: { server in
                var times: [Double] = []
                for number in 0..<requests { times.append(try await cancel(number, transport, server)) }
                return times.sorted()
            }
            return Contender.Outcome(
                sum: requests, seconds: figure == .median ? times[times.count / 2] : times[times.count - 1])
        } catch {
            fatalError("\(error)")
        }
    }

    private static func cancel(
        _ number: Int, _ transport: any HTTPTransport, _ server: LoopbackServer
    ) async throws -> Double {
        let started = Gate()
        let task = Task { @concurrent in
            for try await _ in try await transport.send(ExchangeRequest(url: server.url)).body { started.open() }
        }
        try await started.wait()
        let exchange = try await server.exchange(number)
        let start = reference_wall_seconds()
        task.cancel()
        try await exchange.waitUntilEnded()
        let time = reference_wall_seconds() - start
        _ = await task.result
        return time
    }
}
