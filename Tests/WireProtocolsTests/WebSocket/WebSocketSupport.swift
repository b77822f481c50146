import AgentKitTesting
import Testing
import WireProtocols

/// What a machine makes of a stream of bytes.
struct ReadOutcome: Equatable {
    var events: [WebSocketMachine.Event] = []
    var violation: WebSocketViolation?
}

/// Reads pieces one after the other, each to its end.
func read(
    _ pieces: [[UInt8]], by role: WebSocketRole = .client, limits: WebSocketLimits = WebSocketLimits(),
    decompressor: (any WebSocketDecompressor)? = nil
) -> ReadOutcome {
    var machine = WebSocketMachine(role: role, limits: limits, decompressor: decompressor)
    var outcome = ReadOutcome()
    for piece in pieces {
        piece.withUnsafeBytes { bytes in
            var rest = bytes
            do throws(WebSocketViolation) {
                while let event = try machine.next(from: &rest) { outcome.events.append(event) }
            } catch {
                outcome.violation = error
            }
            #expect(rest.isEmpty)
        }
    }
    let hasFailed = machine.hasFailed
    #expect(hasFailed == (outcome.violation != nil))
    return outcome
}

func read(
    _ bytes: [UInt8], by role: WebSocketRole = .client, limits: WebSocketLimits = WebSocketLimits(),
    decompressor: (any WebSocketDecompressor)? = nil
) -> ReadOutcome {
    read([bytes], by: role, limits: limits, decompressor: decompressor)
}

/// A frame as a test wants it, right or wrong.
func frame(
    _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0, key: UInt32? = nil
) -> [UInt8] {
    var bytes = [(fin ? 0x80 : 0) | rsv << 4 | opcode]
    let mask: UInt8 = key == nil ? 0 : 0x80
    if payload.count < 126 {
        bytes.append(mask | UInt8(payload.count))
    } else if payload.count < 65536 {
        bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    } else {
        bytes.append(mask | 127)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    guard let key else { return bytes + payload }
    let keyBytes = (0..<4).map { UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32($0))) }
    return bytes + keyBytes + payload.enumerated().map { $1 ^ keyBytes[$0 & 3] }
}

func frame(_ opcode: UInt8, _ text: String, fin: Bool = true, rsv: UInt8 = 0, key: UInt32? = nil) -> [UInt8] {
    frame(opcode, Array(text.utf8), fin: fin, rsv: rsv, key: key)
}

/// The bytes in pieces of random sizes, empty ones among them.
func cut(_ bytes: [UInt8], _ random: inout SeededRandom, longest: Int) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var position = 0
    while position < bytes.count {
        let size = min(Int.random(in: 0...longest, using: &random), bytes.count - position)
        pieces.append(Array(bytes[position..<position + size]))
        position += size
    }
    return pieces
}

/// "Compression" by leaving bytes out: a byte of the wire stands for so many of its kind as it says.
final class RunDecompressor: WebSocketDecompressor {
    private(set) var finished = 0

    func decompress(
        _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
    ) throws(WebSocketViolation) {
        for byte in bytes {
            guard byte != 0xFF else { throw WebSocketViolation(.invalidPayload, "no compression") }
            guard output.count + Int(byte) <= limit else { throw WebSocketViolation(.messageTooBig, "too much") }
            output += [UInt8](repeating: byte, count: Int(byte))
        }
    }

    func finishMessage(into output: inout [UInt8], limit: Int) throws(WebSocketViolation) {
        finished += 1
    }
}
