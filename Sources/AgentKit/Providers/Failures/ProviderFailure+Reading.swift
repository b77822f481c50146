internal import StreamCore

extension ProviderFailure {
    /// What a JSON body or event says of a failure, or nil when it is none.
    ///
    /// Understood are `{"error":{…}}`, `{"error":"text"}`, `{"object":"error",…}`, `{"type":"error",…}`, `{"detail":…}`, a
    /// bare `{"message":…}`, and any of these as the first element of an array.
    ///
    /// - Parameter isError: Whether it is known to be one, from the HTTP status or the event's name.
    init?(reading root: JSONNode, isError: Bool, httpStatus: Int? = nil) {
        var node = root
        if node.kind == .array, let first = node[0] { node = first }
        guard node.kind == .object else { return nil }
        // Null, false and "" are how servers say that there is none.
        if let error = node["error"], error.kind == .object || error.kind == .string && !error.rawBytes.isEmpty {
            self.init(fields: error.kind == .object ? error : node, httpStatus: httpStatus)
            if error.kind == .string { message = error.string }
            if type == "error" { type = nil }
            return
        }
        let isMarked = node["object"]?.isString("error") == true || node["type"]?.isString("error") == true
        let hasAnswer = node["choices"] != nil || node["content"] != nil || node["output"] != nil
        let isBare = !hasAnswer && node["id"] == nil && node["type"] == nil && node["message"]?.kind == .string
        let detail = hasAnswer || node["id"] != nil ? nil : node["detail"]
        guard isError || isMarked || isBare || detail != nil else { return nil }
        self.init(fields: node, httpStatus: httpStatus)
        if type == "error" { type = nil }
        if message == nil, let detail { message = ProviderFailure.text(ofDetail: detail) }
    }

    /// The fields of an error object.
    init(fields: JSONNode, httpStatus: Int? = nil) {
        self.init(httpStatus: httpStatus)
        message = fields["message"]?.string
        type = fields["type"]?.string ?? fields["status"]?.string
        if let node = fields["code"] {
            if let number = node.int ?? node.string.flatMap({ Int($0) }) {
                bodyStatus = number
            } else {
                code = node.string
            }
        }
        if let number = fields["status_code"]?.int ?? fields["status"]?.int { bodyStatus = number }
        // Numbers that are no HTTP status are codes of the provider's own.
        if let number = bodyStatus, !(400..<600).contains(number) {
            code = code ?? String(number)
            bodyStatus = nil
        }
        // OpenRouter puts what the provider behind it said here.
        if let raw = fields["metadata"]?["raw"]?.string, !raw.isEmpty {
            message = message.map { "\($0): \(raw.prefix(ProviderFailure.maxMessageLength))" } ?? raw
        }
    }

    private static func text(ofDetail detail: JSONNode) -> String? {
        switch detail.kind {
        case .string: detail.string
        case .object: detail["message"]?.string ?? detail["msg"]?.string
        case .array: detail[0].flatMap { $0.kind == .string ? $0.string : $0["msg"]?.string }
        default: nil
        }
    }
}
