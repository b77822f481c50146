import AgentKitTesting
import CReference
import StreamTransport
import URLSessionTransports
import WireProtocols

/// The transports beside the `curl` command, against one server in a process of its own: throughput, cost of small chunks, time to the
/// first byte; and how soon a cancelled exchange closes its connection.
///
/// Where `curl` is not installed, there is nothing beside them.
let transports = Suite(name: "transports") { scale in
    let bytes = scale == .quick ? 32 << 20 : 1_000_000_000
    let chunks = scale == .quick ? 20_000 : 500_000
    let requests = scale == .quick ? 20 : 300
    let body = "\(BenchmarkServer.url)/body/\(bytes)"
    let small = "\(BenchmarkServer.url)/chunks/\(chunks)"
    let first = "\(BenchmarkServer.url)/first"
    return measuredTransports.flatMap { name, transport -> [Comparison] in
        func comparison(
            _ what: String, unit: String, count: Int, bytes: Int, clock: @escaping () -> Double, url: String,
            commands: [(String, [String])]
        ) -> Comparison {
            Comparison(
                name: "\(name): \(what)", unit: unit, count: count, bytes: bytes,
                ours: Contender(name: name) { await read(url, transport) },
                references: commands.map { command, options in
                    Contender(name: command, goal: command == "curl" ? 0.7 : nil) {
                        Int(CurlCommand.run(options + ["-o", "/dev/null", "-w", "%{size_download}", url])) ?? 0
                    }
                }, clock: clock)
        }
        let hasCommand = CurlCommand.path != nil
        let plain = hasCommand ? [("curl", [String]())] : []
        let unbuffered = hasCommand ? [("curl", []), ("curl --no-buffer", ["-N"])] : []
        let total = chunks * BenchmarkServer.chunkSize
        return [
            comparison(
                "a body, wall clock", unit: "bytes", count: bytes, bytes: bytes, clock: reference_wall_seconds,
                url: body, commands: plain),
            comparison(
                "a body, CPU", unit: "bytes", count: bytes, bytes: bytes, clock: allSeconds, url: body,
                commands: plain),
            comparison(
                "chunks of 200 bytes, wall clock", unit: "chunks", count: chunks, bytes: total,
                clock: reference_wall_seconds, url: small, commands: unbuffered),
            comparison(
                "chunks of 200 bytes, CPU", unit: "chunks", count: chunks, bytes: total, clock: allSeconds, url: small,
                commands: unbuffered),
            Comparison(
                name: "\(name): time to the first byte", unit: "requests", count: 1, bytes: 0,
                ours: Contender(name: name, measuring: { await firstByte(first, requests, transport) }),
                references: hasCommand
                    ? [Contender(name: "curl", measuring: { firstByteOfCommand(first, requests) })] : []),
        ] + cancelling(name, transport, requests)
    }
}

/// From cancelling to the closed socket; there is nothing to compare it with.
private func cancelling(_ name: String, _ transport: any HTTPTransport, _ requests: Int) -> [Comparison] {
    // URLSession's buffer is made so large here that a flood would fill the memory.
    let servers = transport is URLSessionTransport ? [false] : [false, true]
    return servers.flatMap { isFlooded in
        let server = isFlooded ? "flooding server" : "silent server"
        return [(Cancelling.Figure.median, "median"), (.worst, "worst of \(requests)")].map { figure, what in
            Comparison(
                name: "\(name): cancelling, \(server), \(what)", unit: "requests", count: 1, bytes: 0,
                ours: Contender(
                    name: name,
                    measuring: {
                        await Cancelling.measure(transport, isFlooded: isFlooded, requests: requests, figure)
                    }),
                references: [])
        }
    }
}

/// The CPU time of this process and of the commands that it ran.
private func allSeconds() -> Double { reference_cpu_seconds() + reference_children_cpu_seconds() }

@concurrent
private func read(_ url: String, _ transport: any HTTPTransport) async -> Int {
    var count = 0
    do throws(TransportError) {
        for try await chunk in try await transport.send(ExchangeRequest(url: url)).body { count += chunk.count }
    } catch {
        fatalError("\(error)")
    }
    return count
}

/// The median of the times from the request to the first byte of the body, each on a connection of its own.
@concurrent
private func firstByte(_ url: String, _ requests: Int, _ transport: any HTTPTransport) async -> Contender.Outcome {
    var times: [Double] = []
    do throws(TransportError) {
        for _ in 0..<requests {
            let start = reference_wall_seconds()
            var chunks = try await transport.send(ExchangeRequest(url: url)).body.makeAsyncIterator()
            _ = try await chunks.next()
            times.append(reference_wall_seconds() - start)
            while try await chunks.next() != nil {}
        }
    } catch {
        fatalError("\(error)")
    }
    return Contender.Outcome(sum: requests, seconds: times.sorted()[requests / 2])
}

/// The same by the command's own measure, within one run of it.
private func firstByteOfCommand(_ url: String, _ requests: Int) -> Contender.Outcome {
    let arguments = (0..<requests).flatMap { _ in ["-o", "/dev/null", url] }
    let lines = CurlCommand.run(["-w", "%{time_starttransfer}\n"] + arguments).split(separator: "\n")
    let times = lines.compactMap { Double($0) }.sorted()
    return Contender.Outcome(sum: times.count, seconds: times.isEmpty ? 0 : times[times.count / 2])
}
