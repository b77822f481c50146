#if Curl
    import Testing

    /// What measures the process (memory, sockets, threads, time) runs one after the other.
    @Suite("curl", .serialized)
    enum TransportTests {}
#endif
