import Synchronization

/// Bytes that were encoded once and are sent to many readers, with room for the form that the host's network wants them in.
public final class SharedBytes: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    private let converted = Mutex<(any Sendable)?>(nil)

    /// Shares bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The bytes in another form (a `ByteBuffer`, say), which is made for the first who asks and kept for the others.
    ///
    /// - Parameter convert: Makes the form; it may be called more than once when several ask at a time.
    public func converted<Form: Sendable>(_ convert: ([UInt8]) -> Form) -> Form {
        if let form = converted.withLock({ $0 }) as? Form { return form }
        let form = convert(bytes)
        converted.withLock { $0 = form }
        return form
    }
}
