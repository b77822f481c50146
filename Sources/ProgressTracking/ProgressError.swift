/// Why progress could not be read, kept or published: what, where, and what to do.
public struct ProgressError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as an open-ended code: codes may be added, so a switch over it needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, in lower camel case.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// An event's payload is no progress record; the message names the field.
        public static let invalidRecord = Code(rawValue: "invalidRecord")
        /// What a store has kept is damaged; the message names the place.
        ///
        /// ``ProgressStore/rebuild(_:from:)`` makes it anew from the log.
        public static let corrupt = Code(rawValue: "corrupt")
        /// The storage failed (disk full, I/O error); the log still has everything.
        public static let storage = Code(rawValue: "storage")
        /// Another process writes to the store.
        public static let locked = Code(rawValue: "locked")
        /// The store was opened for reading only, or has been shut down.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The log refused or failed; ``ProgressError/underlying`` is its error.
        public static let log = Code(rawValue: "log")
        /// The calling task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What went wrong.
    public let code: Code
    /// What went wrong, for people: what, where and what to do.
    public let message: String
    /// The error below: of the log or of the system, say.
    public let underlying: (any Error)?

    /// An error from its parts.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The code, the message, and the error below.
    public var description: String {
        "\(code): \(message)" + (underlying.map { " (\($0))" } ?? "")
    }
}
