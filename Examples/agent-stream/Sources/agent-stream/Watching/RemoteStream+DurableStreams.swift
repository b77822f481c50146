import StreamCore
import StreamTransport
import WireProtocols

extension RemoteStream {
    /// Reads a Durable Stream, and follows it to its end when that is wanted.
    func readDurableStream(
        after offset: String?, isFollowed: Bool, _ fields: HeaderFields, _ show: (WatchedEvent) -> Void
    ) async throws {
        let client = DurableStreamsClient(
            url, on: options.transport.makeTransport(), headers: fields, retry: options.retry)
        let isJSON = try await client.state().contentType?.hasPrefix("application/json") ?? false
        guard !isFollowed else {
            for try await batch in client.tail(after: offset) { try RemoteStream.show(batch, isJSON, show) }
            return
        }
        var next = offset
        while true {
            let batch = try await client.read(after: next)
            try RemoteStream.show(batch, isJSON, show)
            if batch.isUpToDate || batch.isClosed { return }
            next = batch.nextOffset
        }
    }

    // The messages of a batch; all but the last have no place behind which one could go on.
    private static func show(
        _ batch: DurableStreamsBatch, _ isJSON: Bool, _ show: (WatchedEvent) -> Void
    ) throws {
        if batch.bytes.isEmpty { return }
        guard isJSON else {
            return show(WatchedEvent(offset: batch.nextOffset, text: String(decoding: batch.bytes, as: UTF8.self)))
        }
        var reader = JSONReader()
        let messages = try reader.read(batch.bytes) { (root) throws(JSONError) in
            root.kind == .array ? root.elements.map { Array($0.jsonBytes) } : [Array(root.jsonBytes)]
        }
        for (number, message) in messages.enumerated() {
            show(WatchedEvent(offset: number == messages.count - 1 ? batch.nextOffset : nil, json: message))
        }
    }
}
