import StreamTransport
import URLSessionTransports

#if Curl
    import CurlTransports
#endif
#if AsyncHTTPClient
    import AsyncHTTPClient
    import AsyncHTTPClientTransports
#endif

/// The transports that are measured: URLSession, and those whose traits are on.
let measuredTransports: [(name: String, transport: any HTTPTransport)] = {
    var all: [(String, any HTTPTransport)] = [
        ("URLSession", URLSessionTransport(configuration: .init(bufferLimit: 2 << 30)))
    ]
    #if Curl
        all.append(("CurlTransport", CurlTransport(configuration: .init(proxy: .none))))
    #endif
    #if AsyncHTTPClient
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .forStreams)
        all.append(("AsyncHTTPClientTransport", AsyncHTTPClientTransport(client: client)))
    #endif
    return all
}()
