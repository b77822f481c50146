#if AsyncHTTPClient
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import StreamTransport
    import WireProtocols

    extension HTTPClient.Request {
        /// The request in AsyncHTTPClient's form; its URL must have been checked.
        init(_ request: ExchangeRequest) throws(TransportError) {
            guard request.method != "CONNECT" else {
                throw TransportError(
                    .unsupported, "CONNECT makes a tunnel and no exchange: use the client's proxy setting")
            }
            var headers = HTTPHeaders()
            headers.reserveCapacity(request.headers.count + 2)
            for field in request.headers { headers.add(name: field.name, value: field.value) }
            if !request.headers.contains(name: "user-agent") {
                headers.add(name: "user-agent", value: "swift-agent-streams")
            }
            // A client whose decompression is on would ask for codings.
            if !request.headers.contains(name: "accept-encoding") {
                headers.add(name: "accept-encoding", value: "identity")
            }
            do {
                try self.init(
                    // The fragment is not sent.
                    url: String(request.url.prefix { $0 != "#" }), method: HTTPMethod(rawValue: request.method),
                    headers: headers,
                    body: request.body.isEmpty ? nil : .byteBuffer(ByteBuffer(bytes: request.body)))
            } catch {
                throw TransportError(
                    .invalidRequest, "AsyncHTTPClient does not take the URL '\(request.redactedURL)'", underlying: error
                )
            }
        }
    }

    extension ExchangeResponseHead {
        /// The head in our form; fields that HTTP does not allow are left out.
        init(_ head: HTTPResponseHead) {
            var fields = HeaderFields()
            for (name, value) in head.headers {
                if let field = try? HeaderField(name, value) { fields.append(field) }
            }
            self.init(status: Int(head.status.code), headers: fields)
        }
    }
#endif
