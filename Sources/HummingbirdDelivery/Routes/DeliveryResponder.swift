#if Hummingbird
    import HTTPTypes
    import Hummingbird
    import NIOCore
    import NIODelivery
    import StreamDelivery
    import WireProtocols

    /// Answers a router's requests by an endpoint.
    struct DeliveryResponder<Context: RequestContext>: HTTPResponder {
        let handler: any DeliveryHandler
        let pumps: DeliveryPumps
        let configuration: HostConfiguration

        func respond(to request: Request, context: Context) async throws -> Response {
            let channel = (context as? any DeliveryRequestContext)?.channel
            let body = try await request.body.collect(upTo: configuration.bodySize)
            guard let headers = HeaderFields(request.head) else { throw HTTPError(.badRequest) }
            // An HTTP/2 stream's channel has the connection's as its parent.
            let address = channel.flatMap { $0.remoteAddress ?? $0.parent?.remoteAddress }
            let delivered = await handler.respond(
                to: DeliveryRequest(
                    method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
                    body: Array(body.readableBytesView), remoteAddress: address?.ipAddress ?? ""))
            return Response(
                status: HTTPResponse.Status(code: delivered.status), headers: HTTPFields(delivered.headers),
                body: responseBody(delivered.body, request.method, channel))
        }

        private func responseBody(
            _ body: DeliveryBody, _ method: HTTPRequest.Method, _ channel: (any Channel)?
        ) -> ResponseBody {
            switch body {
            case .none: return ResponseBody()
            case .bytes(let bytes): return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            case .stream(let source):
                guard method != .head else {
                    source.end()
                    return ResponseBody()
                }
                let held = HeldSource(source)
                return ResponseBody { [pumps] writer in
                    let source = held.source
                    if let channel, let end = await pumps.write(source, on: channel) {
                        guard case .complete = end else { throw CancellationError() }
                    } else {
                        try await source.write(to: &writer, of: channel, pumps: pumps)
                    }
                    try await writer.finish(nil)
                }
            }
        }
    }

    /// A source that is ended also when nobody comes to write it, as when middleware replaces the response.
    private final class HeldSource: Sendable {
        let source: any DeliverySource

        init(_ source: any DeliverySource) {
            self.source = source
        }

        deinit {
            source.end()
        }
    }

    extension HeaderFields {
        /// The fields of a request, with the authority, which HTTP/1.1 calls so, as `host`; nil when one is not allowed.
        init?(_ head: HTTPRequest) {
            self.init()
            if let authority = head.authority {
                guard (try? append("host", authority)) != nil else { return nil }
            }
            for field in head.headerFields {
                guard (try? append(field.name.rawName, field.value)) != nil else { return nil }
            }
        }
    }

    extension HTTPFields {
        /// The fields of a response; framing is Hummingbird's.
        init(_ fields: HeaderFields) {
            self.init()
            for field in fields where !field.isNamed("content-length") && !field.isNamed("transfer-encoding") {
                guard let name = HTTPField.Name(field.name) else { continue }
                append(HTTPField(name: name, value: field.value))
            }
        }
    }
#endif
