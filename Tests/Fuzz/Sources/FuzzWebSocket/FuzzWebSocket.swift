import FuzzSupport
import WireProtocols

/// What a stream of frames gives does not depend on its cuts and stays within the limits; what is negotiated is what was offered.
///
/// The first byte of what is to be read chooses the role, whether messages may be compressed, and whether it is a stream at all.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = FuzzInput(start, size)
    guard let choice = input.bytes.first else { return 0 }
    if choice & 4 != 0 {
        negotiate(String(decoding: input.bytes.dropFirst(), as: UTF8.self), choice)
        return 0
    }
    let role: WebSocketRole = choice & 1 == 0 ? .client : .server
    let compresses = choice & 2 != 0
    let whole = read([Array(input.bytes.dropFirst())], role, compresses)
    var pieces = input.pieces()
    // The choice stands in the first piece.
    pieces[0].removeFirst()
    let cut = read(pieces, role, compresses)
    require(cut.events == whole.events, "the cuts matter: \(whole) and \(cut)")
    require((cut.violation == nil) == (whole.violation == nil), "the cuts matter: \(whole) and \(cut)")
    // A compressed text may be too large behind a byte that is not UTF-8: it is decompressed by the piece.
    require(compresses || cut.violation == whole.violation, "the cuts matter: \(whole) and \(cut)")
    return 0
}

private struct Outcome: Equatable {
    var events: [WebSocketMachine.Event] = []
    var violation: WebSocketViolation?
}

private let limits = WebSocketLimits(messageSize: 2000, frameSize: 1500)

private func read(_ pieces: [[UInt8]], _ role: WebSocketRole, _ compresses: Bool) -> Outcome {
    var machine = WebSocketMachine(role: role, limits: limits, decompressor: compresses ? Runs() : nil)
    var outcome = Outcome()
    for piece in pieces {
        piece.withUnsafeBytes { bytes in
            var rest = bytes
            do throws(WebSocketViolation) {
                while let event = try machine.next(from: &rest) {
                    require(outcome.violation == nil, "an event behind a violation")
                    if case .close? = outcome.events.last { fatalError("an event behind a close frame") }
                    outcome.events.append(event)
                }
            } catch {
                require(outcome.violation == nil, "a second violation")
                outcome.violation = error
            }
            require(rest.isEmpty, "bytes are left over")
        }
    }
    for event in outcome.events {
        switch event {
        case .message(let message): require(message.byteCount <= limits.messageSize, "a message is too large")
        case .ping(let payload), .pong(let payload): require(payload.count <= 125, "a control frame is too long")
        case .close(let closure):
            require(closure.code == .noStatusReceived || closure.code.mayBeSent, "the code \(closure.code)")
        }
    }
    return outcome
}

/// Each byte stands for as many of its kind as it says.
private final class Runs: WebSocketDecompressor {
    func decompress(
        _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
    ) throws(WebSocketViolation) {
        for byte in bytes {
            guard byte != 255 else { throw WebSocketViolation(.invalidPayload, "no compression") }
            guard Int(byte) <= limit - output.count else { throw WebSocketViolation(.messageTooBig, "too large") }
            output += repeatElement(byte, count: Int(byte))
        }
    }

    func finishMessage(into output: inout [UInt8], limit: Int) throws(WebSocketViolation) {}
}

/// The text as the extensions that a client offers, and as those that a server answers.
private func negotiate(_ text: String, _ choice: UInt8) {
    let policy = PerMessageDeflatePolicy(
        takesOverOwnContext: choice & 8 == 0, takesOverPeerContext: choice & 16 == 0,
        ownWindowBits: 9 + Int(choice >> 5), peerWindowBits: 8 + Int(choice >> 5))
    if let (agreement, answer) = policy.agreement(offers: [text]) {
        require(agreement.serverMaxWindowBits <= policy.ownWindowBits, "a larger window than the server's: \(answer)")
        require(agreement.clientMaxWindowBits <= policy.peerWindowBits, "a larger window than is allowed: \(answer)")
        require(!text.isEmpty, "an agreement with nothing")
    }
    var random = SystemRandomNumberGenerator()
    guard let handshake = try? WebSocketClientHandshake(deflate: policy, using: &random),
        let fields = try? HeaderFields([
            ("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-extensions", text),
            ("sec-websocket-accept", WebSocketClientHandshake.accept(for: handshake.key)),
        ]), let agreement = try? handshake.agreement(with: ExchangeResponseHead(status: 101, headers: fields))
    else { return }
    guard let deflate = agreement.deflate else {
        require(!text.contains("permessage-deflate"), "an answer is overlooked: \(text)")
        return
    }
    require(deflate.serverMaxWindowBits <= policy.peerWindowBits, "a larger window than was offered: \(text)")
    require(deflate.clientMaxWindowBits <= policy.ownWindowBits, "a larger window than was offered: \(text)")
    require(deflate.serverNoContextTakeover || policy.takesOverPeerContext, "what was asked is not confirmed: \(text)")
}
