public import DurableLog
public import StreamCore
import WireProtocols

/// Takes events by `POST`: the body is the event's payload, and the answer `{"offset":"…"}` its place in the stream.
///
/// In a stream of JSON the body must be one JSON value. Line breaks between its tokens become blanks, so that it stands on one line of every wire.
public struct AppendEndpoint: DeliveryHandler {
    private let log: any EventLog
    private let address: StreamAddress
    private let access: DeliveryAccess
    private let missing: MissingStream
    private let type: StreamEvent.EventType
    private let durability: Durability
    private let limits: RequestLimits
    private let instrumentation: Instrumentation

    /// An endpoint.
    ///
    /// - Parameters:
    ///   - log: Where events go.
    ///   - address: Which stream a request is about.
    ///   - access: Who may append; by default everybody.
    ///   - missing: What to do about a stream that is not there.
    ///   - type: The type of the events; the default makes them plain messages of an event stream.
    ///   - durability: What an event has survived when its offset is answered.
    ///   - limits: How large requests may be.
    ///   - instrumentation: Told of refusals.
    public init(
        log: any EventLog, address: StreamAddress, access: DeliveryAccess = .open, missing: MissingStream = .refuse,
        type: StreamEvent.EventType = StreamEvent.EventType(rawValue: "message"), durability: Durability = .buffered,
        limits: RequestLimits = RequestLimits(), instrumentation: Instrumentation = .none
    ) {
        self.log = log
        self.address = address
        self.access = access
        self.missing = missing
        self.type = type
        self.durability = durability
        self.limits = limits
        self.instrumentation = instrumentation
    }

    /// Appends the body.
    public func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        await access.respond(to: request, methods: "POST", instrumentation) { () throws(DeliveryRefusal) in
            let offset = try await append(request)
            return DeliveryResponse(
                headers: ["content-type": "application/json", "cache-control": "no-store"],
                body: .bytes(Array(#"{"offset":"\#(offset)"}"#.utf8)))
        }
    }

    private func append(_ request: DeliveryRequest) async throws(DeliveryRefusal) -> Offset {
        try limits.check(request)
        guard request.method == "POST" else {
            throw DeliveryRefusal(.methodNotAllowed, "an event is appended with POST")
        }
        let stream = try address.stream(of: request)
        let principal = try await access.admit(request, request.queryItems, to: stream, .append)
        try access.rates?.take(.messages, principal: principal.id, address: request.remoteAddress)
        try access.rates?.take(
            .bytes, request.body.count, principal: principal.id, address: request.remoteAddress)
        guard !request.body.isEmpty else { throw DeliveryRefusal(.badRequest, "the body is empty") }
        do throws(EventLogError) {
            let isJSON = try await isJSON(stream)
            let payload = isJSON ? AppendEndpoint.line(request.body) : request.body
            guard let payload else { throw EventLogError(.contentTypeMismatch, stream, "not JSON") }
            let options = AppendOptions(durability: durability)
            return try await log.append([StreamEvent(type: type, payload: payload)], to: stream, options: options).last
        } catch {
            if error.code == .contentTypeMismatch {
                throw DeliveryRefusal(.badRequest, "the stream holds JSON, and the body is no JSON value")
            }
            throw DeliveryRefusal(error)
        }
    }

    // Whether the stream holds JSON; one that is not there is made, where that is wanted.
    private func isJSON(_ stream: StreamID) async throws(EventLogError) -> Bool {
        let info: StreamInfo
        do throws(EventLogError) {
            info = try await log.info(stream)
        } catch {
            guard error.code == .notFound, case .create(let options) = missing else { throw error }
            info = try await log.create(stream, options: options).info
        }
        return info.options.contentType.hasPrefix("application/json")
    }

    // A JSON value on one line; nil where it is none. A line break can only stand between tokens (RFC 8259 §7).
    private static func line(_ body: [UInt8]) -> [UInt8]? {
        var reader = JSONReader()
        do throws(JSONError) {
            try reader.read(body) { _ in }
        } catch {
            return nil
        }
        guard body.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return body }
        return body.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }
}
