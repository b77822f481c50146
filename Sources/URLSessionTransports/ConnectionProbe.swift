import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells whether this process has a connection to a port, since URLSession does not tell when it has connected.
enum ConnectionProbe {
    /// Whether a socket of this process is connected to `port` of any host; nil where that cannot be told.
    ///
    /// It looks through the open descriptors, so it is for rare use: once, when a connect timeout has passed. Another exchange's
    /// connection to the same port also counts; then the first-byte timeout decides.
    static func isConnected(toPort port: Int) -> Bool? {
        #if canImport(Glibc) || canImport(Musl)
            // With a proxy the connection goes elsewhere.
            let proxies = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
            let environment = ProcessInfo.processInfo.environment
            guard !proxies.contains(where: { environment[$0]?.isEmpty == false }),
                let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            else { return nil }
            return names.compactMap { Int32($0) }.contains { peerPort(of: $0) == port }
        #else
            return nil
        #endif
    }

    #if canImport(Glibc) || canImport(Musl)
        private static func peerPort(of descriptor: Int32) -> Int? {
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            // The storage is as large and as aligned as any address, and the pointers do not leave the closure.
            return withUnsafeMutablePointer(to: &address) { storage -> Int? in
                let status = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(descriptor, $0, &length)
                }
                guard status == 0 else { return nil }
                switch Int32(storage.pointee.ss_family) {
                case AF_INET:
                    return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        Int(UInt16(bigEndian: $0.pointee.sin_port))
                    }
                case AF_INET6:
                    return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        Int(UInt16(bigEndian: $0.pointee.sin6_port))
                    }
                default: return nil
                }
            }
        }
    #endif
}
