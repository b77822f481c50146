import ServerSentEvents
import StreamCore
import WireProtocols

/// How a subscription's values go over a wire.
struct SubscriptionEncoding: Sendable {
    /// The wire.
    enum Wire: Sendable {
        /// Frames of a WebSocket, for the request of this envelope.
        case socket(TRPCEnvelope, any SocketFraming)
        /// Server-sent events.
        case eventStream
    }

    let wire: Wire

    /// What tells encodings apart: two of the same name write the same.
    func name(isWrapped: Bool) -> String {
        switch wire {
        case .eventStream: return "trpc-sse"
        case .socket(let envelope, let framing):
            // The id as JSON, so that 1 and "1" are two; the framing's name comes last, whatever it is.
            let id = envelope.id?.json.jsonString ?? "null"
            return "trpc-ws \(envelope.saysVersion ? 2 : 1) \(isWrapped ? "wrapped" : "plain") \(id) \(framing.name)"
        }
    }

    /// Appends a value whose JSON is there already.
    ///
    /// - Parameters:
    ///   - payload: The value, JSON on one line.
    ///   - id: Its id, without line breaks, when it is tracked.
    ///   - isWrapped: Whether a tracked value goes over WebSocket as a tRPC server sends it, in `{"id":…,"data":…}`.
    func append(_ payload: [UInt8], id: String?, isWrapped: Bool, to output: inout [UInt8]) {
        switch wire {
        case .socket(let envelope, let framing):
            var message: [UInt8] = []
            message.reserveCapacity(payload.count + 96)
            TRPCServerMessage.appendData(payload, eventID: id, isWrapped: isWrapped, envelope: envelope, to: &message)
            message.withUnsafeBytes { framing.append($0, isText: true, to: &output) }
        case .eventStream:
            do throws(ServerSentEventError) {
                try ServerSentEventSerializer.append(data: payload, id: id, to: &output)
            } catch {
                preconditionFailure("an id with a line break was let through: \(error)")
            }
        }
    }

    /// Whether an id can be sent: not empty, as that means no id, and without what would break out of its line.
    static func isAllowed(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.allSatisfy { $0 != 0x0A && $0 != 0x0D && $0 != 0 }
    }
}
