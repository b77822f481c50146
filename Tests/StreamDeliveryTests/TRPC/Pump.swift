import DurableLog
import StreamDelivery
import Synchronization
import WireProtocols

/// What a host does with a source: pulls it, and waits for its signals in between.
final class Pump: Sendable {
    let source: any DeliverySource
    private let ready = AppendSignal()
    private let wake: AppendSubscription
    private let waker: AppendSubscription
    private let frames = Mutex<[String]>([])

    init(_ source: any DeliverySource) {
        self.source = source
        let ready = ready
        wake = ready.subscribe()
        waker = source.signal.subscribe { ready.notify() }
        source.attach { ready.notify() }
    }

    deinit { source.end() }

    /// The next piece; nil at the end, or when the task was cancelled.
    func next(maxBytes: Int = 64 << 10) async -> [UInt8]? {
        while !Task.isCancelled {
            switch source.next(maxBytes: maxBytes) {
            case .piece(let piece): return Array(piece.bytes)
            case .end: return nil
            case .wait: await wake.wait()
            }
        }
        return nil
    }

    /// What is there now, without waiting.
    func available(maxBytes: Int = 64 << 10) -> [UInt8] {
        var bytes: [UInt8] = []
        while case .piece(let piece) = source.next(maxBytes: maxBytes) { bytes += piece.bytes }
        return bytes
    }

    /// Everything up to the end, as text.
    func rest() async -> String {
        var bytes: [UInt8] = []
        while let piece = await next() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next text frame of a conversation; nil at its end.
    func message() async -> String? {
        while true {
            if let text = frames.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return text }
            guard let piece = await next() else { return nil }
            let texts = PlainFraming.texts(in: piece)
            frames.withLock { $0 += texts }
        }
    }

    /// The next text frames of a conversation.
    func messages(_ count: Int) async -> [String] {
        var texts: [String] = []
        while texts.count < count, let text = await message() { texts.append(text) }
        return texts
    }

    /// The text frames that are there now.
    func availableMessages() -> [String] {
        let texts = PlainFraming.texts(in: available())
        return frames.withLock { frames in
            defer { frames = [] }
            return frames + texts
        }
    }
}

/// Frames as tests read them: four bytes of length, then the text.
struct PlainFraming: SocketFraming {
    var name: String { "test" }

    func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        precondition(isText, "tRPC sends texts")
        withUnsafeBytes(of: UInt32(payload.count).bigEndian) { output += $0 }
        output += payload
    }

    static func texts(in bytes: [UInt8]) -> [String] {
        var rest = bytes[...]
        var texts: [String] = []
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            texts.append(String(decoding: rest.dropFirst(4).prefix(length), as: UTF8.self))
            rest = rest.dropFirst(4 + length)
        }
        precondition(rest.isEmpty, "a piece has whole frames")
        return texts
    }
}

extension DeliveryConversation {
    /// Takes a text.
    @discardableResult
    func receive(_ text: String) -> Bool { receive(.text(text)) }
}
