#if Curl
    import StreamTransport
    import WireProtocols

    /// A request in the form that libcurl takes: checked, and in text.
    struct OutgoingRequest: Sendable {
        /// How libcurl is told of the method.
        enum Kind: Sendable, Equatable {
            case get
            case head
            /// The method's name and no body.
            case other
            /// A body, which may be empty, under the method's name.
            case withBody
        }

        /// The request, for messages; its URL without credentials.
        let name: String
        let method: String
        /// The URL without its fragment.
        let url: String
        let kind: Kind
        let body: [UInt8]
        /// Header lines in libcurl's form: `Name: value`, `Name;` for an empty value, `Name:` against a field of libcurl's own.
        let lines: [String]

        /// - Throws: `TransportError` when the request cannot be sent.
        init(_ request: ExchangeRequest) throws(TransportError) {
            url = try request.checkedURL().text
            name = "\(request.method) \(request.redactedURL)"
            method = request.method
            body = request.body
            if request.method == "HEAD" {
                guard request.body.isEmpty else {
                    throw TransportError(.unsupported, "\(name): libcurl sends no body with a HEAD request")
                }
                kind = .head
            } else if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
                // Without a body these are sent with a length of 0 (RFC 9110 §8.6).
                kind = .withBody
            } else {
                kind = request.method == "GET" ? .get : .other
            }
            var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
            if !request.headers.contains(name: "user-agent") { lines.append("user-agent: swift-agent-streams") }
            // libcurl would make up a type for a body, and wait for a permission to send a large one.
            for field in ["content-type", "expect"] where !request.headers.contains(name: field) {
                lines.append("\(field):")
            }
            self.lines = lines
        }
    }
#endif
