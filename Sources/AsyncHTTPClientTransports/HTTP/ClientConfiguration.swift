#if AsyncHTTPClient
    public import AsyncHTTPClient
    import NIOCore

    extension HTTPClient.Configuration {
        /// A client's configuration that suits ``AsyncHTTPClientTransport`` and long streams.
        ///
        /// A refused connection is an error at once; there is no read timeout but the transport's; redirects and decompression are off;
        /// 1,024 connections to one host may be pooled (give the same figure to
        /// ``AsyncHTTPClientTransport/Configuration/pooledExchangesPerOrigin``), and are closed after a minute without use. A connection may
        /// take 10 seconds to be made, like that of `TransportTimeouts`: who raises that raises this, too. TLS is as AsyncHTTPClient has it:
        /// certificates are verified, HTTP/2 is spoken where the server does.
        public static var forStreams: HTTPClient.Configuration {
            var configuration = HTTPClient.Configuration(
                redirectConfiguration: .disallow,
                timeout: HTTPClient.Configuration.Timeout(connect: .seconds(10)),
                connectionPool: ConnectionPool(
                    idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 1024),
                decompression: .disabled)
            configuration.connectionPool.retryConnectionEstablishment = false
            return configuration
        }
    }
#endif
