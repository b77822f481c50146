#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The error numbers that the log tells from others.
package enum SystemErrorNumber {
    /// No such file or directory.
    package static let notFound = ENOENT
    /// No space left on the device.
    package static let full = ENOSPC
    /// Input/output error.
    package static let inputOutput = EIO
    /// It is there already.
    package static let exists = EEXIST
}
