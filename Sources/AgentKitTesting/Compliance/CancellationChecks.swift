import StreamTransport
import WireProtocols

extension TransportCompliance {
    static let cancellationChecks = [
        Check("cancelling while the head is awaited closes within a second") { run in
            try await run.withServer { _ in
                LoopbackResponse([.stall])
            } body: { server in
                let task = Task { _ = try await run.get(server.url) }
                _ = try await run.exchange(0, of: server)
                task.cancel()
                try await run.fails("a cancelled request", [.cancelled], within: .seconds(1)) { try await task.value }
                try await run.requireClosed(server, 0)
            }
        },
        Check("cancelling while the body is read closes within a second") { run in
            var scripts: [[LoopbackResponse.Step]] = [[.head(200, .chunked), .chunk("a"), .stall]]
            // Without backpressure a server that never pauses can keep a stack too busy to cancel.
            if !run.expectations.slowReader.failsBeyondBuffer {
                scripts.append([.head(200), .text("a"), .endlessly(Array(repeating: 97, count: 4096))])
            }
            for steps in scripts {
                try await run.withServer { _ in
                    LoopbackResponse(steps)
                } body: { server in
                    let started = Gate()
                    let task = Task {
                        for try await _ in try await run.get(server.url).body { started.open() }
                    }
                    _ = try await run.inTime("the body") { try await started.wait() }
                    task.cancel()
                    try await run.fails("a cancelled body", [.cancelled], within: .seconds(1)) { try await task.value }
                    try await run.requireClosed(server, 0)
                }
            }
        },
        Check("letting go of the body closes within a second") { run in
            try await run.withServer { _ in
                LoopbackResponse([.head(200, .chunked), .chunk("a"), .stall])
            } body: { server in
                try await run.inTime("a response that nobody reads") { _ = try await run.get(server.url).head }
                try await run.requireClosed(server, 0)
                try await run.inTime("a response that is read in part") {
                    var chunks = try await run.get(server.url).body.makeAsyncIterator()
                    _ = try await chunks.next()
                }
                try await run.requireClosed(server, 1)
            }
        },
        Check("a task that is cancelled already sends nothing") { run in
            try await run.withServer { _ in
                .text("")
            } body: { server in
                try await run.fails("a request of a cancelled task", [.cancelled]) {
                    let task = Task {
                        withUnsafeCurrentTask { $0?.cancel() }
                        _ = try await run.get(server.url)
                    }
                    try await task.value
                }
                // Connections may be opened, but no later request may find an earlier one there.
                try await run.inTime("a request") { _ = try await run.get(server.url + "/next").body.collect(upTo: 0) }
                try run.require(server.exchanges.count == 1, "a request was sent")
            }
        },
        Check("1,000 cancels in a row neither hang nor leave anything behind") { run in
            try await run.withServer { request in
                request.path == "/head"
                    ? LoopbackResponse([.stall]) : LoopbackResponse([.head(200, .chunked), .chunk("a"), .stall])
            } body: { server in
                func cancelOne(_ number: Int) async throws {
                    let started = Gate()
                    let url = server.url + (number.isMultiple(of: 2) ? "/head" : "/body")
                    // Told before the task begins, which may have sent its request by the time that one looks.
                    let count = server.exchanges.count
                    let task = Task {
                        for try await _ in try await run.get(url).body { started.open() }
                    }
                    // Before it is sent, while the head is awaited, while the body is read.
                    switch number % 4 {
                    case 0, 2: if number % 3 > 0 { _ = try await run.exchange(count, of: server) }
                    default: try await run.inTime("the body") { try await started.wait() }
                    }
                    task.cancel()
                    try await run.fails("cancel \(number)", [.cancelled]) { try await task.value }
                }
                // What a transport builds up at first is no leak.
                for number in 0..<50 { try await cancelOne(number) }
                _ = try await run.eventually(limit: .seconds(5)) { server.openConnectionCount == 0 }
                let sockets = ProcessFigures.openSockets
                let threads = ProcessFigures.threads
                for number in 0..<1000 { try await cancelOne(number) }
                // One that is left behind each time makes 1,000; what else runs in the process may open some meanwhile.
                let settled = try await run.eventually(limit: .seconds(5)) {
                    server.openConnectionCount == 0 && ProcessFigures.openSockets <= sockets + 50
                        && (ProcessFigures.threads ?? 0) <= (threads ?? 0) + 50
                }
                try run.require(
                    settled,
                    "open connections \(server.openConnectionCount), sockets \(sockets) → \(ProcessFigures.openSockets), "
                        + "threads \(threads ?? 0) → \(ProcessFigures.threads ?? 0)")
            }
        },
    ]
}
