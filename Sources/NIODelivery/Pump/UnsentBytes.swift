#if NIO
    import NIOCore

    extension Channel {
        /// Has the kernel take little more of a reader's events than it can send: 128 KiB.
        ///
        /// It would take megabytes for each connection (`tcp_wmem`): a thousand readers that never read cost gigabytes, and beyond `tcp_mem` everybody suffers. What it
        /// does not take stays in the log. Throughput is not bounded by this: what is under way does not count (RFC 9293 §3.8.6 has windows for that). Channels
        /// without such an option, and systems, are left as they are.
        func boundUnsentBytes() {
            let option = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: unsentBytesOption))
            // The loop's own, at once; elsewhere than on sockets there is nothing to bound.
            try? syncOptions?.setOption(option, value: 128 << 10)
        }
    }

    /// `TCP_NOTSENT_LOWAT`, which the C library's module does not show everywhere.
    #if os(Linux) || os(Android)
        private let unsentBytesOption: CInt = 25
    #else
        private let unsentBytesOption: CInt = 0x201
    #endif
#endif
