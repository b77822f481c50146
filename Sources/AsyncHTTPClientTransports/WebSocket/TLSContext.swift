#if AsyncHTTPClient
    import NIOPosix
    import NIOSSL
    import StreamTransport
    import Synchronization

    /// The TLS context of a transport, made when it is needed first: loading the trust roots takes some milliseconds, on a thread that may wait.
    final class TLSContext: Sendable {
        private let configuration: TLSConfiguration
        private let made = Mutex<NIOSSLContext?>(nil)

        init(configuration: TLSConfiguration) {
            self.configuration = configuration
        }

        func context() async throws(TransportError) -> NIOSSLContext {
            if let context = made.withLock({ $0 }) { return context }
            do {
                let configuration = configuration
                // Two that need it first at the same time make one each, and one of them stays.
                let context = try await NIOThreadPool.singleton.runIfActive {
                    try NIOSSLContext(configuration: configuration)
                }
                made.withLock { $0 = context }
                return context
            } catch {
                throw TransportError(
                    .invalidRequest, "the TLS configuration cannot be used: look at its trust roots and certificates",
                    underlying: error)
            }
        }
    }
#endif
