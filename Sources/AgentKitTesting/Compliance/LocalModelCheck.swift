public import StreamTransport
import Synchronization
import WireProtocols

/// Checks a transport against a real model's server: many streams at a time, some of them cancelled, and nothing is left behind.
///
/// The server speaks OpenAI's Chat Completions, llama.cpp's for one. Which streams are cancelled, and when, a seed decides; how far the
/// server is by then is its own business.
public enum LocalModelCheck {
    /// What became of the streams.
    public struct Summary: Sendable, Hashable, CustomStringConvertible {
        /// How many were read to their end.
        public var finished = 0
        /// How many were cancelled, before their head or within their body.
        public var cancelled = 0
        /// The pieces that came, of all streams.
        public var chunks = 0

        /// All figures.
        public var description: String { "\(finished) finished, \(cancelled) cancelled, \(chunks) chunks" }
    }

    private enum Plan {
        case readToTheEnd
        case cancelAtOnce
        /// As soon as the first bytes of any stream have come.
        case cancelWithTheFirst
        case cancelAfter(chunks: Int)
    }

    /// Runs the check.
    ///
    /// - Parameters:
    ///   - transport: The transport.
    ///   - url: The server's root, without a slash at its end.
    ///   - model: The model's name.
    ///   - streams: How many streams there are at a time.
    ///   - rounds: How often so many are started.
    ///   - seed: Decides which streams are cancelled, and when.
    /// - Throws: ``ComplianceViolation`` when a stream fails that was not cancelled, one that was cancelled ends otherwise, or sockets or
    ///   threads are left behind.
    @discardableResult
    public static func run(
        on transport: any HTTPTransport, url: String, model: String, streams: Int = 50, rounds: Int = 2,
        seed: UInt64 = 1
    ) async throws -> Summary {
        let run = ComplianceRun(
            check: "\(streams) streams of a model at a time", transport: transport,
            expectations: .init(patience: .seconds(600)), tls: nil)
        let sockets = ProcessFigures.openSockets
        let threads = ProcessFigures.threads ?? 0
        var random = SeededRandom(seed: seed)
        var summary = Summary()
        for _ in 0..<rounds {
            let plans = (0..<streams).map { _ in plan(&random) }
            let request = try request(url: url, model: model)
            let round = try await run.inTime("a round") { try await playRound(run, request, plans) }
            summary.finished += round.finished
            summary.cancelled += round.cancelled
            summary.chunks += round.chunks
        }
        // Connections may be kept for the next request, but no more than were needed at a time; each round would leave more behind.
        let settled = try await run.eventually(limit: .seconds(5)) {
            ProcessFigures.openSockets <= sockets + streams && (ProcessFigures.threads ?? 0) <= threads + 20
        }
        try run.require(
            settled,
            "sockets \(sockets) → \(ProcessFigures.openSockets), threads \(threads) → \(ProcessFigures.threads ?? 0)")
        return summary
    }

    private static func plan(_ random: inout SeededRandom) -> Plan {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .cancelAtOnce
        case 1, 2: .cancelWithTheFirst
        case 3, 4, 5: .cancelAfter(chunks: Int.random(in: 1...6, using: &random))
        default: .readToTheEnd
        }
    }

    private static func request(url: String, model: String) throws -> ExchangeRequest {
        let body = """
            {"model":"\(model)","stream":true,"max_tokens":8,"messages":[{"role":"user","content":"Count from one to twenty."}]}
            """
        // llama.cpp's server may end a connection right behind a response that did not say so. A request that was sent on it by then is lost,
        // and not every transport sends one again; so none is kept.
        return ExchangeRequest(
            method: "POST", url: url + "/v1/chat/completions",
            headers: ["content-type": "application/json", "connection": "close"],
            body: Array(body.utf8))
    }

    private static func playRound(
        _ run: ComplianceRun, _ request: ExchangeRequest, _ plans: [Plan]
    ) async throws -> Summary {
        let first = Gate()
        return try await withThrowingTaskGroup(of: Summary.self) { group in
            for plan in plans {
                group.addTask { try await play(run, request, plan, first) }
            }
            var summary = Summary()
            for try await stream in group {
                summary.finished += stream.finished
                summary.cancelled += stream.cancelled
                summary.chunks += stream.chunks
                // Should all streams be cancelled before anything came, nobody is to wait for it.
                first.open()
            }
            return summary
        }
    }

    private static func play(
        _ run: ComplianceRun, _ request: ExchangeRequest, _ plan: Plan, _ first: Gate
    ) async throws -> Summary {
        let isDue = Gate()
        let count = Mutex(0)
        let stream = Task { () async throws -> [UInt8] in
            let response = try await run.send(request)
            var bytes: [UInt8] = []
            for try await chunk in response.body {
                first.open()
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                if case .cancelAfter(let chunks) = plan, number == chunks { isDue.open() }
                bytes += chunk
            }
            try run.require(response.head.status == 200, "the status is \(response.head.status)")
            return bytes
        }
        let canceller = Task {
            switch plan {
            case .readToTheEnd: return
            case .cancelAtOnce: break
            case .cancelWithTheFirst: try await first.wait()
            case .cancelAfter: try await isDue.wait()
            }
            stream.cancel()
        }
        let result = await stream.result
        canceller.cancel()
        _ = await canceller.result
        var summary = Summary(chunks: count.withLock { $0 })
        do {
            let text = String(decoding: try result.get(), as: UTF8.self)
            try run.require(text.contains("data: [DONE]"), "a stream ends without its end: …\(text.suffix(80))")
            summary.finished = 1
        } catch let error as TransportError {
            if case .readToTheEnd = plan { throw run.violation("a stream fails with \(error)") }
            try run.require(error.code == .cancelled, "a cancelled stream fails with \(error)")
            summary.cancelled = 1
        }
        return summary
    }
}
