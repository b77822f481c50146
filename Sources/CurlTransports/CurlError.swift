#if Curl
    /// What libcurl says of a failed transfer: the error below a `TransportError`.
    public struct CurlError: Error, Sendable, Hashable, CustomStringConvertible {
        /// The number of the `CURLcode` (libcurl-errors(3)).
        public let code: Int
        /// The text that libcurl gives; it holds no header field and no body.
        public let message: String

        /// Number and text.
        public var description: String { "libcurl \(code): \(message)" }
    }
#endif
