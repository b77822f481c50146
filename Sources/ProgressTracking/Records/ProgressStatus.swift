/// Where an agent stands, as an open-ended code: codes may be added, so a switch over it needs a default.
public struct ProgressStatus: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The code in text, as it stands in a record's `status`.
    public let rawValue: String

    /// A status from its code.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The code in text.
    public var description: String { rawValue }

    /// It has work to do and has not begun.
    public static let queued = ProgressStatus(rawValue: "queued")
    /// It works.
    public static let running = ProgressStatus(rawValue: "running")
    /// It waits for somebody else: a tool, a person, another agent.
    public static let waiting = ProgressStatus(rawValue: "waiting")
    /// Something failed and will be tried again.
    public static let retrying = ProgressStatus(rawValue: "retrying")
    /// It was told to rest.
    public static let paused = ProgressStatus(rawValue: "paused")
    /// It has done its work.
    public static let completed = ProgressStatus(rawValue: "completed")
    /// It gave up.
    public static let failed = ProgressStatus(rawValue: "failed")
    /// It was told to stop.
    public static let cancelled = ProgressStatus(rawValue: "cancelled")

    /// Whether nothing follows within the attempt: completed, failed or cancelled.
    public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }

    /// Whether time that passes brings the work no nearer to its end by design: queued and paused.
    var isResting: Bool { self == .queued || self == .paused }
}
