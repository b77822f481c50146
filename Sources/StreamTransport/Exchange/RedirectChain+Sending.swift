package import WireProtocols

/// One request that a transport has sent, whose response is pulled.
package protocol PulledExchange: Sendable {
    /// The next chunk of the body as soon as there is one, nil at its end.
    func next() async throws(TransportError) -> [UInt8]?
    /// Nobody wants more of it: gives the connection up, where it is not over.
    func close()
}

extension RedirectChain {
    /// What a transport's `send` does around its own exchanges: follows redirects, and returns the first response that is none.
    ///
    /// - Parameters:
    ///   - request: The first request.
    ///   - timeouts: How long each phase may take; `firstByte` and `total` are those of the whole chain.
    ///   - limit: How many redirects there may be.
    ///   - exchange: Sends one request of the chain, and returns when its head has come.
    /// - Throws: `TransportError`, `cancelled` where the task was cancelled before anything was sent.
    package static func send<Exchange: PulledExchange>(
        _ request: ExchangeRequest, timeouts: TransportTimeouts, limit: Int,
        _ exchange: (ExchangeRequest, ExchangeDeadlines) async throws(TransportError) -> (
            exchange: Exchange, head: ExchangeResponseHead
        )
    ) async throws(TransportError) -> TransportResponse {
        if Task.isCancelled {
            throw TransportError(
                .cancelled, "the task was cancelled before \(request.method) \(request.redactedURL) was sent")
        }
        let start = ContinuousClock.now
        var redirects = RedirectChain(request: request, limit: limit)
        while true {
            let deadlines = ExchangeDeadlines(timeouts, start: start, hopStart: .now)
            let (hop, head) = try await exchange(redirects.request, deadlines)
            let isFollowed: Bool
            do throws(TransportError) {
                isFollowed = try redirects.follow(head)
            } catch {
                hop.close()
                throw error
            }
            guard isFollowed else {
                return TransportResponse(
                    head: head,
                    body: ResponseBody(
                        next: { () throws(TransportError) in try await hop.next() }, onClose: { hop.close() }))
            }
            hop.close()
        }
    }
}
