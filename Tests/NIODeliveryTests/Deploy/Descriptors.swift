#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The machine allows fewer descriptors than a test needs.
struct TooFewDescriptors: Error {
    let allowed: UInt64
}

/// Has the process open as many descriptors as a test needs; systems begin with few.
func allowDescriptors(_ count: UInt64) throws {
    #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        let resource = RLIMIT_NOFILE
    #endif
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0, limits.rlim_max >= count else {
        throw TooFewDescriptors(allowed: UInt64(limits.rlim_max))
    }
    guard limits.rlim_cur < count else { return }
    limits.rlim_cur = rlim_t(count)
    guard setrlimit(resource, &limits) == 0 else { throw TooFewDescriptors(allowed: UInt64(limits.rlim_cur)) }
}
