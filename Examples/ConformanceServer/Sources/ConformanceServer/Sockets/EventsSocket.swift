import DurableLog
import StreamCore
import StreamDelivery
import WireProtocols

/// The events of `/ws/STREAM`, a message each.
struct EventsSocket: SocketHandler {
    let hub: DeliveryHub

    func accept(_ request: DeliveryRequest) async -> SocketAnswer {
        guard let stream = try? StreamID(String(request.path.dropFirst("/ws/".count))) else {
            return .refuse(DeliveryResponse(status: 400))
        }
        do {
            _ = try await hub.log.create(stream)
            let plain = try await hub.open(stream, .tail, format: EventsSocket.format(PlainFrames()))
            return .accept(subprotocol: nil) { _ in EventsConversation(plain.reader) }
        } catch {
            return .refuse(DeliveryResponse(status: 500))
        }
    }

    static func format(_ framing: any SocketFraming) -> WireFormat {
        WireFormat(name: "ws-\(framing.name)") { event, bytes in
            event.event.payload.withUnsafeBytes { framing.append($0, isText: true, to: &bytes) }
        }
    }
}

struct PlainFrames: SocketFraming {
    var name: String { "plain" }
    func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        WebSocketFrameHeader(.text, payloadLength: payload.count).encode { output.append($0) }
        output += payload
    }
}

final class EventsConversation: DeliveryConversation {
    private let reader: FeedReader
    init(_ reader: FeedReader) { self.reader = reader }
    var signal: AppendSignal { reader.signal }
    var closure: WebSocketClosure { WebSocketClosure(.normalClosure) }
    func attach(onReady: @escaping @Sendable () -> Void) { reader.attach(onReady: onReady) }
    func receive(_ message: WebSocketMessage) -> Bool { true }
    func next(maxBytes: Int) -> DeliveryPull {
        switch reader.next(maxBytes: maxBytes) {
        case .piece(let piece): .piece(piece)
        case .wait: .wait
        case .gap: next(maxBytes: maxBytes)
        case .end: .end
        }
    }
    func heartbeat() -> DeliveryPiece? { nil }
    func end() { reader.end() }
}
