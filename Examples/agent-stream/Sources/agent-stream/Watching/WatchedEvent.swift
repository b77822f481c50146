import DurableLog
import StreamCore

/// An event that `watch` shows, wherever it came from.
struct WatchedEvent {
    /// Where to go on behind it, for `--from`; nil where one can go on behind a later event only.
    var offset: String?
    /// Its type; nil where the wire has none.
    var type: String?
    /// One JSON value on one line.
    var json: [UInt8]

    /// An event of a log that is read in place.
    init(_ logged: LoggedEvent) {
        offset = logged.offset.description
        type = logged.event.type.rawValue
        json = logged.event.payload
    }

    /// An event that came over a wire; text that is no JSON value becomes a JSON string.
    init(offset: String?, type: String? = nil, text: String) {
        var reader = JSONReader()
        let isJSON = (try? reader.read(text) { _ in true }) ?? false
        self.offset = offset
        self.type = type
        json = Array((isJSON && !text.contains(where: \.isNewline) ? text : JSONValue.string(text).jsonString).utf8)
    }

    /// An event whose data is known to be JSON on one line.
    init(offset: String?, type: String? = nil, json: [UInt8]) {
        self.offset = offset
        self.type = type
        self.json = json
    }

    /// `{"offset":…,"type":…,"data":…}` and a line feed, with what the event has.
    var line: [UInt8] {
        var line = Array("{".utf8)
        if let offset { line += Array("\"offset\":\(JSONValue.string(offset).jsonString),".utf8) }
        if let type { line += Array("\"type\":\(JSONValue.string(type).jsonString),".utf8) }
        return line + Array("\"data\":".utf8) + json + Array("}\n".utf8)
    }
}
