#if Curl
    import AgentKitTesting
    import Dispatch
    import StreamCore
    import StreamTransport
    import Synchronization
    import Testing
    import TransportTestSupport
    import WireProtocols

    @testable import CurlTransports

    @Suite("The start of a transport's thread")
    struct CurlClientTests {
        private let configuration = CurlTransport.Configuration(proxy: .none)

        private func transfer(_ url: String, _ client: CurlClient) throws -> Transfer {
            let now = ContinuousClock.now
            return Transfer(
                try OutgoingRequest(ExchangeRequest(url: url)), client: client, bufferLimit: 1000,
                deadlines: ExchangeDeadlines(.none, start: now, hopStart: now))
        }

        @Test("Where the system has no thread left the request fails, and the next one tries again")
        func noThread() async throws {
            let attempts = Mutex(0)
            let client = CurlClient(configuration: configuration) { run in
                let number = attempts.withLock { attempts in
                    attempts += 1
                    return attempts
                }
                return number == 1 ? nil : WorkerThread(run)
            }
            try await withLoopbackServer { _ in
                .text("ok")
            } body: { server in
                let first = try transfer(server.url, client)
                try client.start(first)
                #expect(await errorCode { _ = try await first.head() } == .other)
                let second = try transfer(server.url, client)
                try client.start(second)
                #expect(try await second.head().status == 200)
                #expect(attempts.withLock { $0 } == 2)
            }
            await client.shutDown()
        }

        @Test("Nothing waits for a thread that does not start: neither other requests nor a shutdown")
        func noThreadForOthers() async throws {
            let client = Mutex<CurlClient?>(nil)
            let others = Mutex<[Transfer]>([])
            let starting = CurlClient(configuration: configuration) { _ in
                guard let client = client.withLock({ $0 }) else { return nil }
                do {
                    let other = try transfer("http://127.0.0.1:9/", client)
                    try client.start(other)
                    others.withLock { $0.append(other) }
                } catch {
                    Issue.record(error)
                }
                return nil
            }
            client.withLock { $0 = starting }
            let first = try transfer("http://127.0.0.1:9/", starting)
            try starting.start(first)
            #expect(await errorCode { _ = try await first.head() } == .other)
            let other = try #require(others.withLock { $0.first })
            #expect(await errorCode { _ = try await other.head() } == .other)
            await starting.shutDown()
            #expect(throws: TransportError.self) { try starting.start(first) }
            client.withLock { $0 = nil }
        }

        @Test("A shutdown while the thread is being started waits for it, and ends what was asked for")
        func shutDownWhileStarting() async throws {
            let isStarting = Gate()
            let isOver = DispatchSemaphore(value: 0)
            let client = CurlClient(configuration: configuration) { run in
                isStarting.open()
                let thread = WorkerThread(run)
                // Only when it has ended is it there for the others.
                isOver.wait()
                return thread
            }
            try await withLoopbackServer { _ in
                LoopbackResponse([.stall])
            } body: { server in
                let transfer = try transfer(server.url, client)
                let starter = WorkerThread {
                    do {
                        try client.start(transfer)
                    } catch {
                        Issue.record(error)
                    }
                }
                try await isStarting.wait()
                await client.shutDown()
                #expect(await errorCode { _ = try await transfer.head() } == .shutDown)
                isOver.signal()
                starter?.join()
                await client.shutDown()
            }
        }
    }
#endif
