import FuzzSupport
import ServerSentEvents
import StreamCore
import WireProtocols

/// Whatever comes is read or refused, within the limits, and what was read is written so that it is read as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let text = String(decoding: FuzzInput(start, size).bytes, as: UTF8.self)
    for limits in [TRPCLimits.default, TRPCLimits(messageSize: 64, depth: 3, batch: 2, pathLength: 4, idLength: 4)] {
        client(text, limits)
        server(text, limits)
        http(text, limits)
        events(text, limits)
    }
    return 0
}

private func client(_ text: String, _ limits: TRPCLimits) {
    guard let messages = try? TRPCClientMessage.parse(text, limits: limits) else { return }
    require(messages.count <= limits.batch, "a batch beyond its limit")
    for message in messages {
        switch message {
        case .request(let request):
            require(request.path.utf8.count <= limits.pathLength, "a path beyond its limit")
            require((request.lastEventID ?? "").utf8.count <= limits.idLength, "an event's id beyond its limit")
            require((request.envelope.id?.description ?? "").utf8.count <= limits.idLength, "an id beyond its limit")
        case .unidentified: continue
        default: break
        }
        require((try? TRPCClientMessage.parse(message.text)) == [message], "written otherwise: \(message)")
    }
    if messages.count > 1, !messages.contains(where: { $0 == .ping || $0 == .pong }) {
        let known = messages.filter { if case .unidentified = $0 { false } else { true } }
        if known.count > 1 {
            require(
                (try? TRPCClientMessage.parse(TRPCClientMessage.text(of: known))) == known, "a batch written otherwise")
        }
    }
}

private func server(_ text: String, _ limits: TRPCLimits) {
    guard let messages = try? TRPCServerMessage.parse(text, limits: limits) else { return }
    for message in messages {
        guard let again = try? TRPCServerMessage.parse(message.text).first else { fatalError("unreadable: \(message)") }
        // Members of an error that are none of tRPC's may be overwritten, once.
        require(again.text == message.text, "written otherwise: \(message)")
        if let value = message.value { require(again.value == value, "another value: \(message)") }
    }
}

private func http(_ text: String, _ limits: TRPCLimits) {
    if let answers = try? TRPCResponse.parse(text, limits: limits) {
        for answer in answers {
            require((try? TRPCResponse.parse(answer.json.jsonString)) == [answer], "an answer written otherwise")
        }
    }
    let parts = text.split(separator: "\n", maxSplits: 1).map(String.init)
    for isBatch in [false, true] {
        guard let path = parts.first,
            let calls = try? TRPCCalls(
                path: path, isBatch: isBatch, input: parts.count > 1 ? parts[1] : nil, limits: limits)
        else { continue }
        require(calls.calls.count <= limits.batch, "more calls than allowed")
        let request = TRPCEndpoint(url: "http://h/t").request(calls, type: .query)
        require(request.url.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a URL with \(request.url)")
    }
    if let parameters = try? TRPCConnectionParams.parse(frame: text, limits: limits) {
        require(
            (try? TRPCConnectionParams.parse(frame: TRPCConnectionParams.frame(parameters))) == parameters, "parameters"
        )
    }
}

private func events(_ text: String, _ limits: TRPCLimits) {
    for type in ["message", "connected", "ping", "return", "serialized-error", "other"] {
        guard
            let event = try? TRPCStreamEvent(ServerSentEvent(type: type, data: text, lastEventID: "7"), limits: limits)
        else { continue }
        var bytes: [UInt8] = []
        do throws(ServerSentEventError) {
            try event.write(into: &bytes)
        } catch {
            fatalError("what was read cannot be written: \(error)")
        }
        var parser = ServerSentEventParser()
        var read: [ServerSentEvent] = []
        do throws(ServerSentEventError) {
            try parser.parse(bytes, into: &read)
        } catch {
            fatalError("what was written cannot be read: \(error)")
        }
        require(read.count == 1, "one event became \(read.count)")
    }
}
