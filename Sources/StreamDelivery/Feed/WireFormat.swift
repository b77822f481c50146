public import DurableLog
import StreamCore

/// How the events of a stream are written on one wire: a name, and a function from an event to bytes.
///
/// Readers whose formats have the same name share what the first of them had encoded, so two formats of the same name must write the same. A name that a
/// client has a say in (a request's id) must be bounded by who makes the format.
public final class WireFormat: Sendable {
    /// What tells formats apart.
    public let name: String
    private let write: @Sendable (LoggedEvent, inout [UInt8]) -> Void

    /// A format from its name and a function that appends one event, whole, to the bytes.
    ///
    /// - Parameters:
    ///   - name: What tells formats apart.
    ///   - write: Appends an event. It is called with public events alone, on the thread of whoever asks first.
    public init(name: String, write: @escaping @Sendable (LoggedEvent, inout [UInt8]) -> Void) {
        self.name = name
        self.write = write
    }

    /// Appends an event's bytes; nothing for an internal one, which never leaves.
    func append(_ event: LoggedEvent, to bytes: inout [UInt8]) {
        guard event.event.visibility == .public else { return }
        write(event, &bytes)
    }
}
