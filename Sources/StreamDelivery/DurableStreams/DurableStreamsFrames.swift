import DurableLog
import StreamCore
import WireProtocols

/// The events of a Durable Streams event stream (§5.8), of one content type and one cursor.
struct DurableStreamsFrames: Sendable {
    let content: StreamContent
    let cursor: UInt64

    /// Each message as a data event, and behind it a control event with its offset.
    ///
    /// Readers that came in the same interval have the same cursor, and share the encoding.
    var wireFormat: WireFormat {
        WireFormat(name: "durable-streams:\(content):\(cursor)") { [self] event, bytes in
            JSONWriter.append(raw: "event: data\n", to: &bytes)
            switch content {
            case .json:
                // One line, as every JSON payload of the log.
                JSONWriter.append(raw: "data:[", to: &bytes)
                bytes += event.event.payload
                JSONWriter.append(raw: "]\n", to: &bytes)
            case .text: DurableStreamsFrames.appendLines(of: event.event.payload, to: &bytes)
            case .binary:
                JSONWriter.append(raw: "data:", to: &bytes)
                bytes += Base64.encoded(event.event.payload)
                bytes.append(0x0A)
            }
            bytes.append(0x0A)
            control(event.offset, to: &bytes)
        }
    }

    /// How long the control event is that follows each message: offsets are all of one length.
    var sharedControlLength: Int {
        var bytes: [UInt8] = []
        control(.start, to: &bytes)
        return bytes.count
    }

    /// Adds a control event.
    func control(_ offset: Offset, isUpToDate: Bool = false, isClosed: Bool = false, to bytes: inout [UInt8]) {
        JSONWriter.append(raw: "event: control\ndata:{\"streamNextOffset\":\"", to: &bytes)
        bytes += offset.description.utf8
        bytes.append(UInt8(ascii: "\""))
        if !isClosed {
            JSONWriter.append(raw: ",\"streamCursor\":\"", to: &bytes)
            bytes += String(cursor).utf8
            bytes.append(UInt8(ascii: "\""))
        }
        if isUpToDate { JSONWriter.append(raw: ",\"upToDate\":true", to: &bytes) }
        if isClosed { JSONWriter.append(raw: ",\"streamClosed\":true", to: &bytes) }
        JSONWriter.append(raw: "}\n\n", to: &bytes)
    }

    // A data line for each line of the text, whatever ends it, so that no payload can make an event of its own. There is no blank behind the colon, as the
    // protocol's clients look for JSON there; but where the line itself begins with one, which readers would take away.
    private static func appendLines(of text: [UInt8], to bytes: inout [UInt8]) {
        var rest = text[...]
        while true {
            let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
            JSONWriter.append(raw: "data:", to: &bytes)
            if line.first == 0x20 { bytes.append(0x20) }
            bytes += line
            bytes.append(0x0A)
            rest = rest[line.endIndex...]
            guard let end = rest.popFirst() else { return }
            if end == 0x0D, rest.first == 0x0A { rest.removeFirst() }
        }
    }
}
