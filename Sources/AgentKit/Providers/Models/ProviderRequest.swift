internal import StreamCore
internal import StreamTransport
internal import WireProtocols

/// What a model has to know to carry out one exchange with its provider, whatever the dialect.
struct ProviderConnection: Sendable {
    let dialect: ModelDialect
    let endpoint: ProviderEndpoint
    let credential: Credential?
    /// Whether a request without a key is pointless.
    let needsKey: Bool
    let transport: any HTTPTransport
    let timeouts: TransportTimeouts
    let extraHeaders: HeaderFields

    init(
        dialect: ModelDialect, baseURL: String?, apiKey: String?, transport: any HTTPTransport,
        timeouts: TransportTimeouts, headers: HeaderFields
    ) {
        self.dialect = dialect
        endpoint = ProviderEndpoint(baseURL: baseURL ?? dialect.baseURL)
        self.transport = transport
        self.timeouts = timeouts
        extraHeaders = headers
        // A key from the environment was not meant for a server on this machine, nor for the open network unencrypted.
        let mayUseEnvironment = endpoint.isEncrypted && !endpoint.isLoopback
        credential =
            if let apiKey { Credential(apiKey) } else {
                mayUseEnvironment ? Credential.fromEnvironment(dialect.keyVariable) : nil
            }
        let carriesOwn = headers.contains { $0.isSensitive }
        needsKey = apiKey == nil && credential == nil && mayUseEnvironment && !carriesOwn
    }

    /// A request with the headers that the dialect wants; the caller's own headers replace ours.
    func request(
        _ method: String, path: String, query: String = "", body: [UInt8], accept: String
    ) throws(ModelError) -> ExchangeRequest {
        if needsKey {
            throw ModelError(
                kind: .authentication,
                message: "no API key for \(endpoint.host): pass apiKey, or set \(dialect.keyVariable) "
                    + "in the environment")
        }
        var request = ExchangeRequest(method: method, url: endpoint.url(path, query: query), body: body)
        do throws(HeaderFieldError) {
            if !body.isEmpty { try request.headers.set("content-type", "application/json") }
            try request.headers.set("accept", accept)
            if dialect == .anthropic { try request.headers.set("anthropic-version", "2023-06-01") }
            if let credential {
                if dialect == .anthropic {
                    try request.headers.set("x-api-key", credential.reveal())
                } else {
                    try request.headers.set("authorization", "Bearer " + credential.reveal())
                }
            }
            for field in extraHeaders { try request.headers.set(field.name, field.value) }
        } catch {
            throw ModelError(
                kind: .authentication, message: "the API key cannot be sent in a header: \(error)", underlying: error)
        }
        return request
    }

    /// A stream of the answer to a request that is made when the first event is asked for.
    func stream(
        resuming cursor: ResponseCursor? = nil,
        _ makeRequest: @escaping @Sendable () throws(ModelError) -> ExchangeRequest
    ) -> ModelStream {
        ModelStream { HTTPModelSource(connection: self, resuming: cursor, makeRequest: makeRequest) }
    }
}
