#if AsyncHTTPClient
    import Testing

    /// What measures the process (memory, sockets, threads, time) runs one after the other.
    @Suite("AsyncHTTPClient", .serialized)
    enum TransportTests {}
#endif
