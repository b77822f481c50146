#if Curl
    import Foundation
    import Testing

    /// What measures the process (memory, sockets, threads, time) runs one after the other.
    @Suite("curl", .serialized)
    enum TransportTests {}

    /// By how much more memory may grow under a sanitizer, which keeps shadows of every byte: that is no growth of the transport's.
    let sanitizerFactor = ProcessInfo.processInfo.environment["SANITIZER"] == nil ? 1 : 8
#endif
