/// An event as an event stream's reader sees it: it owns its text.
///
/// This is what a browser's `EventSource` makes a `MessageEvent` of (WHATWG HTML §9.2.6).
public struct ServerSentEvent: Sendable, Hashable {
    /// The name of the event; `"message"` when the stream gave none or an empty one.
    public var type: String
    /// The payload: the values of the block's `data` lines, joined by line feeds.
    public var data: String
    /// Where a reader is in the stream after this event: the last `id` up to and with this block, `""` when there was none.
    public var lastEventID: String

    /// An event from its parts.
    public init(type: String = "message", data: String, lastEventID: String = "") {
        self.type = type
        self.data = data
        self.lastEventID = lastEventID
    }
}
