#if NIO
    import NIOCore
    import NIOHTTP1
    import StreamCore
    import StreamDelivery
    import WireProtocols

    /// The heads of responses, which say the date, and how the body is framed.
    enum ResponseHead {
        /// A head for NIO's encoder, with a body of known length.
        static func whole(
            _ response: DeliveryResponse, to request: HTTPRequestHead, bodyLength: Int, closes: Bool
        ) -> HTTPResponseHead {
            var headers = HTTPHeaders()
            headers.add(contentsOf: fields(of: response))
            // Neither may have a length (RFC 9110 §8.6).
            if response.status != 204, response.status != 304 {
                headers.add(name: "content-length", value: "\(bodyLength)")
            }
            // HTTP/1.0 closes unless told otherwise (RFC 9112 §9.3).
            if closes {
                headers.add(name: "connection", value: "close")
            } else if request.version != .http1_1 {
                headers.add(name: "connection", value: "keep-alive")
            }
            return HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        }

        /// A head as it is sent, with a body whose length is not known, after which the connection ends.
        static func streaming(_ response: DeliveryResponse, framing: PieceFraming?) -> ByteBuffer {
            var text = startLine(response.status)
            for (name, value) in fields(of: response) { text += "\(name): \(value)\r\n" }
            if framing == .chunk { text += "transfer-encoding: chunked\r\n" }
            text += "connection: close\r\n\r\n"
            return ByteBufferAllocator().buffer(string: text)
        }

        /// The answer to a request for a WebSocket, as it is sent.
        static func switching(_ headers: HeaderFields, more: HeaderFields = [:]) -> ByteBuffer {
            var text = startLine(101)
            for field in headers { text += "\(field.name): \(field.value)\r\n" }
            for field in more { text += "\(field.name): \(field.value)\r\n" }
            return ByteBufferAllocator().buffer(string: text + "\r\n")
        }

        private static func startLine(_ status: Int) -> String {
            "HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n"
        }

        /// The response's fields and the date; framing is ours.
        static func fields(of response: DeliveryResponse) -> [(String, String)] {
            var fields: [(String, String)] = []
            fields.reserveCapacity(response.headers.count + 1)
            for field in response.headers
            where !["content-length", "transfer-encoding", "connection"].contains(where: field.isNamed) {
                fields.append((field.name, field.value))
            }
            if !response.headers.contains(name: "date") { fields.append(("date", HTTPDate.text(.now()))) }
            return fields
        }
    }

    extension DeliveryRequest {
        /// A request as NIO has read it; nil when its target is not one of a server, or a field is not allowed.
        init?(_ head: HTTPRequestHead, body: [UInt8], remoteAddress: String) {
            guard let target = DeliveryRequest.origin(of: head.uri), let headers = HeaderFields(head.headers) else {
                return nil
            }
            self.init(
                method: head.method.rawValue, target: target, headers: headers, body: body,
                remoteAddress: remoteAddress)
        }

        /// The path and query of a target in origin form or in absolute form, which servers must take too (RFC 9112 §3.2.2).
        private static func origin(of target: String) -> String? {
            if target.utf8.first == UInt8(ascii: "/") { return target }
            guard let scheme = target.firstRange(of: "://"), target[..<scheme.lowerBound].lowercased().hasPrefix("http")
            else { return nil }
            let rest = target[scheme.upperBound...]
            guard let slash = rest.firstIndex(of: "/") else { return "/" }
            return String(rest[slash...])
        }
    }

    extension HeaderFields {
        /// The fields of a request; nil when one is not allowed.
        init?(_ headers: HTTPHeaders) {
            self.init()
            for (name, value) in headers {
                guard (try? append(name, value)) != nil else { return nil }
            }
        }
    }
#endif
