internal import StreamCore

extension JSONObject {
    /// Sets a member when there is a value.
    mutating func set(_ key: String, _ value: JSONValue?) {
        if let value { self[key] = value }
    }

    /// Puts the fields of `others` over those that are here.
    mutating func merge(_ others: JSONObject) {
        for (key, value) in others { self[key] = value }
    }
}

extension JSONValue {
    /// The number, or nil when there is none; a whole one is written without a fraction, as some servers insist.
    init?(_ number: Double?) {
        guard let number, number.isFinite else { return nil }
        self = Int64(exactly: number).map(JSONValue.integer) ?? .number(number)
    }

    /// The number, or nil when there is none.
    init?(_ number: Int?) {
        guard let number else { return nil }
        self = .integer(Int64(number))
    }

    /// A tool's answer as text: a string as it is, all else as JSON.
    var asToolText: String {
        if case .string(let text) = self { text } else { jsonString }
    }
}

extension ImageSource {
    /// The address to send: a `data:` URL (RFC 2397) for a picture that is there.
    var dataURL: String {
        switch self {
        case .url(let url): url
        case .base64(let data, let mediaType): "data:\(mediaType);base64,\(data)"
        }
    }
}

extension ProviderData {
    /// The value, when it belongs to a dialect.
    func value(for dialect: ModelDialect) -> JSONValue? {
        provider == dialect.rawValue ? value : nil
    }
}

extension JSONObject {
    /// The object as the bytes of a request's body.
    var utf8JSON: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }
}
