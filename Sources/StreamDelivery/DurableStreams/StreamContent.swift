import StreamCore
import WireProtocols

/// What a stream's content type means for its messages (§9).
enum StreamContent: Sendable, Hashable {
    /// One JSON value per message.
    case json
    /// Bytes that are text.
    case text
    /// Bytes.
    case binary

    init(_ contentType: String) {
        let type = StreamContent.mediaType(contentType)
        self = type == "application/json" ? .json : type.hasPrefix("text/") ? .text : .binary
    }

    /// Whether two content types are the same but for case and parameters.
    static func isSame(_ one: String, _ other: String) -> Bool { mediaType(one) == mediaType(other) }

    private static func mediaType(_ contentType: String) -> String {
        var fields = HeaderFields()
        try? fields.append("content-type", contentType)
        return fields.mediaType ?? ""
    }

    /// The messages that a body is (§9.1.2): of JSON, the elements of an array, or the one value; of all else, the body itself.
    func messages(_ body: [UInt8]) throws(JSONError) -> [[UInt8]] {
        guard self == .json else { return [body] }
        var reader = JSONReader(limits: JSONLimits(maxBytes: Int.max))
        return try reader.read(body) { (root) throws(JSONError) in
            root.kind == .array
                ? root.elements.map { StreamContent.singleLine($0.jsonBytes) }
                : [StreamContent.singleLine(root.jsonBytes)]
        }
    }

    /// A valid JSON text without the white space between its tokens, and so without line breaks.
    private static func singleLine(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                if byte <= 0x20 { continue }
                isInString = byte == UInt8(ascii: "\"")
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// The body of an answer with these messages: a JSON array (§9.1.5), or their bytes one behind the other.
    func body(_ payloads: some Collection<[UInt8]>) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(payloads.reduce(2) { $0 + $1.count + 1 })
        guard self == .json else {
            for payload in payloads { body += payload }
            return body
        }
        body.append(UInt8(ascii: "["))
        for (number, payload) in payloads.enumerated() {
            if number > 0 { body.append(UInt8(ascii: ",")) }
            body += payload
        }
        body.append(UInt8(ascii: "]"))
        return body
    }
}
