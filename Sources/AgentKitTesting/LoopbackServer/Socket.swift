#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The calls on sockets that the loopback server makes, with the differences between the platforms.
enum Socket {
    struct Failure: Error, CustomStringConvertible {
        var call: String
        var number: Int32
        var description: String { "\(call) failed with errno \(number)" }
    }

    /// A listening socket on a free port of 127.0.0.1.
    static func listen(backlog: Int32) throws(Failure) -> (descriptor: Int32, port: UInt16) {
        let descriptor = try make()
        var isDone = false
        defer { if !isDone { shut(descriptor) } }
        var address = loopback(port: 0)
        guard withAddress(&address, { bind(descriptor, $0, $1) }) == 0 else { throw failure("bind") }
        #if canImport(Darwin)
            let listened = Darwin.listen(descriptor, backlog)
        #elseif canImport(Glibc)
            let listened = Glibc.listen(descriptor, backlog)
        #else
            let listened = Musl.listen(descriptor, backlog)
        #endif
        guard listened == 0 else { throw failure("listen") }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard withAddress(&address, { name, _ in getsockname(descriptor, name, &length) }) == 0 else {
            throw failure("getsockname")
        }
        isDone = true
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A socket that begins to connect to a port of 127.0.0.1 and does not wait for the outcome.
    static func beginConnecting(port: UInt16) throws(Failure) -> Int32 {
        let descriptor = try make()
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var address = loopback(port: port)
        _ = withAddress(&address) { connect(descriptor, $0, $1) }
        return descriptor
    }

    /// The next connection, which does not block, or nil when there is none.
    static func accept(_ listener: Int32) -> Int32? {
        #if canImport(Darwin)
            let descriptor = Darwin.accept(listener, nil, nil)
        #elseif canImport(Glibc)
            let descriptor = Glibc.accept(listener, nil, nil)
        #else
            let descriptor = Musl.accept(listener, nil, nil)
        #endif
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
        #if canImport(Darwin)
            set(descriptor, SOL_SOCKET, SO_NOSIGPIPE, Int32(1))
        #endif
        return descriptor
    }

    enum Transfer {
        case done(Int)
        case wouldBlock
        /// The other side has closed or reset the connection.
        case closed
    }

    static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Transfer {
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count > 0 { return .done(count) }
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR { return .wouldBlock }
        return .closed
    }

    static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Transfer {
        let count = bytes.withUnsafeBytes { bytes in
            #if canImport(Darwin)
                Darwin.send(descriptor, bytes.baseAddress, bytes.count, 0)
            #elseif canImport(Glibc)
                Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            #else
                Musl.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            #endif
        }
        if count >= 0 { return .done(count) }
        if errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR { return .wouldBlock }
        return .closed
    }

    /// Waits until one of the descriptors is ready, and returns which.
    static func wait(for wanted: [(descriptor: Int32, writing: Bool)]) -> [(readable: Bool, writable: Bool)] {
        var polled = wanted.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN) | ($0.writing ? Int16(POLLOUT) : 0), revents: 0)
        }
        while poll(&polled, nfds_t(polled.count), -1) < 0, errno == EINTR {}
        return polled.map { polled in
            let ended = polled.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
            return (polled.revents & Int16(POLLIN) != 0 || ended, polled.revents & Int16(POLLOUT) != 0)
        }
    }

    /// Has the closing of the descriptor reset the connection instead of ending it (RST instead of FIN).
    static func resetOnClose(_ descriptor: Int32) {
        set(descriptor, SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    static func shut(_ descriptor: Int32) {
        _ = close(descriptor)
    }

    static func makePipe() throws(Failure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A full pipe wakes as well as a fuller one: whoever signals must never wait.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    static func signal(_ pipeEnd: Int32) {
        var byte: UInt8 = 1
        _ = write(pipeEnd, &byte, 1)
    }

    static func drain(_ pipeEnd: Int32) {
        var bytes: UInt64 = 0
        _ = read(pipeEnd, &bytes, MemoryLayout.size(ofValue: bytes))
    }

    private static func make() throws(Failure) -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw failure("socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return address
    }

    private static func withAddress(
        _ address: inout sockaddr_in, _ call: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        // The pointer is valid within the call only, and a `sockaddr_in` is what AF_INET says that a `sockaddr` is.
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func set<Value: BitwiseCopyable>(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Value
    ) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    private static func failure(_ call: String) -> Failure { Failure(call: call, number: errno) }
}
