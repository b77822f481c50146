import ArgumentParser
import StreamTransport
import URLSessionTransports

#if Curl
    import CurlTransports
#endif
#if AsyncHTTPClient
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
#endif

/// What carries the requests to a model.
enum TransportChoice: String, CaseIterable, ExpressibleByArgument {
    case urlSession = "urlsession"
    case curl
    case asyncHTTPClient = "async-http-client"

    /// The trait that this build would need to have it, or nil when it has it.
    var missingTrait: String? {
        switch self {
        case .urlSession: nil
        case .curl:
            #if Curl
                nil
            #else
                "Curl"
            #endif
        case .asyncHTTPClient:
            #if AsyncHTTPClient
                nil
            #else
                "AsyncHTTPClient"
            #endif
        }
    }

    /// Refuses a transport that this build does not have.
    func validate() throws {
        if let trait = missingTrait { throw TransportChoice.missing("--transport \(rawValue)", trait: trait) }
    }

    /// That something is not in this build, and how to have it.
    static func missing(_ what: String, trait: String) -> ValidationError {
        ValidationError(
            "\(what) is not in this build. Build it with the trait \(trait): "
                + "swift build --package-path Examples/agent-stream --traits \(trait)")
    }

    /// The transport; one that is missing was refused before.
    func makeTransport() -> any HTTPTransport {
        switch self {
        case .urlSession: break
        case .curl:
            #if Curl
                return CurlTransport()
            #endif
        case .asyncHTTPClient:
            #if AsyncHTTPClient
                return AsyncHTTPClientTransport(client: TransportChoice.client)
            #endif
        }
        return URLSessionTransport()
    }

    #if AsyncHTTPClient
        // Until the process ends. A server shuts its client down after its last request.
        private static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .forStreams)
    #endif
}
