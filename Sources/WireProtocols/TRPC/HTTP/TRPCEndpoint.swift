public import StreamCore

/// Where a tRPC server is, for clients: makes the requests of its links.
public struct TRPCEndpoint: Sendable, Hashable {
    /// The base URL, `https://example.org/trpc` say; what its query has is kept.
    public var url: String

    /// An endpoint at a base URL.
    public init(url: String) {
        self.url = url
    }

    /// The request for queries (`GET`) or mutations (`POST`), a batch or one alone, as tRPC's `httpLink` and `httpBatchLink` make it.
    public func request(_ calls: TRPCCalls, type: TRPCProcedureType) -> ExchangeRequest {
        let isBody = type == .mutation
        var items: [String] = []
        if calls.isBatch { items.append("batch=1") }
        if !isBody, let input = calls.inputText { items.append("input=" + PercentEncoding.encode(input)) }
        var request = ExchangeRequest(method: isBody ? "POST" : "GET", url: url(calls.encodedPath, items))
        if isBody {
            request.headers = ["content-type": "application/json"]
            request.body = Array((calls.inputText ?? "").utf8)
        }
        return request
    }

    /// The request for a subscription over server-sent events, as `httpSubscriptionLink` makes it; the resume position goes into `Last-Event-ID`.
    public func subscription(
        _ path: String, input: JSONValue?, connectionParams: TRPCConnectionParams? = nil
    ) -> ExchangeRequest {
        var items: [String] = []
        if let connectionParams {
            items.append("connectionParams=" + PercentEncoding.encode(connectionParams.json.jsonString))
        }
        if let input { items.append("input=" + PercentEncoding.encode(input.jsonString)) }
        return ExchangeRequest(url: url(PercentEncoding.encode(path), items))
    }

    /// The URL of the WebSocket, as `wsLink` makes it: with `connectionParams=1` where a frame of them will come first.
    public func socketURL(announcingConnectionParams: Bool) -> String {
        guard announcingConnectionParams else { return url }
        return url + (url.contains("?") ? "&" : "?") + "connectionParams=1"
    }

    private func url(_ path: String, _ items: [String]) -> String {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var base = parts[0]
        if base.hasSuffix("/") { base.removeLast() }
        let query = (parts.count > 1 ? [String(parts[1])] : []) + items
        return "\(base)/\(path)" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }
}
