/// How much a parser accepts, so that no server can make it grow without bound.
///
/// A parser keeps at most one event's data, its name, and two ids: the last one and the one that its block will make the last.
/// Comments, unknown fields and `retry` lines may have any length: nothing of them is kept.
public struct ServerSentEventLimits: Sendable, Hashable {
    /// The largest number of bytes in the value of a `data`, `event` or `id` line.
    public var line: Int
    /// The largest number of bytes in the data of an event, with the line feeds that join its lines.
    public var event: Int

    /// Limits in bytes, 16 MiB each unless given; negative ones count as 0.
    public init(line: Int = 16 << 20, event: Int = 16 << 20) {
        self.line = max(0, line)
        self.event = max(0, event)
    }

    /// 16 MiB for a line and 16 MiB for an event.
    public static let `default` = ServerSentEventLimits()
}
