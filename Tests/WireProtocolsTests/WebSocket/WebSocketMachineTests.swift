import AgentKitTesting
import Testing
import WireProtocols

@Suite struct WebSocketMachineTests {
    @Test("Messages of both kinds, empty ones too") func messagesOfBothKindsEmptyOnesToo() {
        let bytes = frame(1, "Hello") + frame(2, [0, 255]) + frame(1, "") + frame(2)
        let outcome = read(bytes)
        #expect(outcome.violation == nil)
        #expect(
            outcome.events == [
                .message(.text("Hello")), .message(.binary([0, 255])), .message(.text("")), .message(.binary([])),
            ])
    }

    @Test("The examples of RFC 6455 section 5-7") func theExamplesOfRFC6455Section57() {
        #expect(read([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]).events == [.message(.text("Hello"))])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(read(masked, by: .server).events == [.message(.text("Hello"))])
        let fragmented: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        #expect(read(fragmented).events == [.message(.text("Hello"))])
        #expect(read([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]).events == [.ping(Array("Hello".utf8))])
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(read(pong, by: .server).events == [.pong(Array("Hello".utf8))])
        let long = [UInt8](repeating: 7, count: 256)
        #expect(read([0x82, 0x7E, 0x01, 0x00] + long).events == [.message(.binary(long))])
        let longer = [UInt8](repeating: 7, count: 65536)
        #expect(read([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + longer).events == [.message(.binary(longer))])
    }

    @Test("Control frames come between the fragments of a message")
    func controlFramesComeBetweenTheFragmentsOfAMessage() {
        let bytes =
            frame(1, "a", fin: false) + frame(9, "p") + frame(0, "", fin: false) + frame(0xA, "q")
            + frame(0, "b", fin: false) + frame(0, "c")
        #expect(
            read(bytes).events == [.ping(Array("p".utf8)), .pong(Array("q".utf8)), .message(.text("abc"))])
    }

    /// A frame that breaks the protocol, for a client that reads it (no mask) and for a server (masked).
    static let violations: [(what: String, bytes: @Sendable (UInt32?) -> [UInt8], code: UInt16)] = [
        ("RSV1 without extension", { frame(1, "a", rsv: 4, key: $0) }, 1002),
        ("RSV2", { frame(1, "a", rsv: 2, key: $0) }, 1002),
        ("RSV3", { frame(2, "a", rsv: 1, key: $0) }, 1002),
        ("RSV1 on a ping", { frame(9, "a", rsv: 4, key: $0) }, 1002),
        ("a fragmented ping", { frame(9, "a", fin: false, key: $0) }, 1002),
        ("a fragmented close", { frame(8, "", fin: false, key: $0) }, 1002),
        ("a long ping", { frame(9, [UInt8](repeating: 0, count: 126), key: $0) }, 1002),
        ("a long close", { frame(8, [3, 232] + [UInt8](repeating: 97, count: 124), key: $0) }, 1002),
        ("a continuation of nothing", { frame(0, "a", key: $0) }, 1002),
        ("a continuation behind a whole message", { frame(1, "a", key: $0) + frame(0, "a", key: $0) }, 1002),
        ("a message within a message", { frame(1, "a", fin: false, key: $0) + frame(1, "a", key: $0) }, 1002),
        ("binary within text", { frame(1, "a", fin: false, key: $0) + frame(2, "a", key: $0) }, 1002),
        ("a close of one byte", { frame(8, [3], key: $0) }, 1002),
        ("a close with 1005", { frame(8, [3, 237], key: $0) }, 1002),
        ("a reason that is not UTF-8", { frame(8, [3, 232, 0xC3], key: $0) }, 1007),
        ("text that is not UTF-8", { frame(1, [0xC3, 0x28], key: $0) }, 1007),
        ("text that ends in a character", { frame(1, [0xE2, 0x82], key: $0) }, 1007),
        ("fragments that are not UTF-8", { frame(1, [0xC3], fin: false, key: $0) + frame(0, "a", key: $0) }, 1007),
        ("a surrogate", { frame(1, [0xED, 0xA0, 0x80], key: $0) }, 1007),
    ]

    @Test(
        "What breaks the protocol is refused with its code", arguments: violations.indices,
        [WebSocketRole.client, .server])
    func whatBreaksTheProtocolIsRefusedWithItsCode(_ index: Int, _ role: WebSocketRole) {
        let violation = WebSocketMachineTests.violations[index]
        let bytes = violation.bytes(role == .server ? 0x1234_5678 : nil)
        for pieces in [[bytes], bytes.map { [$0] }] {
            let outcome = read(pieces + [frame(1, "never read")], by: role)
            #expect(outcome.violation?.code.rawValue == violation.code, "\(violation.what)")
            #expect(outcome.events.count <= 1)
        }
    }

    @Test(
        "Reserved opcodes are refused with their first byte",
        arguments: [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF] as [UInt8])
    func reservedOpcodesAreRefusedWithTheirFirstByte(_ opcode: UInt8) {
        #expect(read([0x80 | opcode]).violation?.code == .protocolError)
    }

    @Test("Masks are where they must be and nowhere else") func masksAreWhereTheyMustBeAndNowhereElse() {
        #expect(read([0x81, 0x81]).violation?.code == .protocolError)
        #expect(read([0x81, 0x01], by: .server).violation?.code == .protocolError)
    }

    @Test("Lengths are written in the fewest bytes and are no negative numbers")
    func lengthsAreWrittenInTheFewestBytesAndAreNoNegativeNumbers() {
        #expect(read([0x82, 126, 0, 125]).violation?.code == .protocolError)
        #expect(read([0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]).violation?.code == .protocolError)
        #expect(read([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]).violation?.code == .protocolError)
        let largest: [UInt8] = [0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255]
        #expect(read(largest).violation?.code == .messageTooBig)
        #expect(read(largest, limits: WebSocketLimits(messageSize: .max)).violation == nil)
    }

    @Test("A message that is too large is refused by its header") func aMessageThatIsTooLargeIsRefusedByItsHeader() {
        let limits = WebSocketLimits(messageSize: 200)
        #expect(read(frame(2, [UInt8](repeating: 0, count: 200)), limits: limits).violation == nil)
        #expect(read([0x82, 126, 0, 201], limits: limits).violation?.code == .messageTooBig)
        let fragments = frame(2, [UInt8](repeating: 0, count: 150), fin: false)
        #expect(read(fragments + [0x00, 50], limits: limits).violation == nil)
        #expect(read(fragments + [0x00, 51], limits: limits).violation?.code == .messageTooBig)
        #expect(read([0x82, 100], limits: WebSocketLimits(frameSize: 99)).violation?.code == .messageTooBig)
        // Sums that would overflow.
        let huge: [UInt8] = [0x00, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255]
        #expect(
            read(frame(2, [1], fin: false) + huge, limits: WebSocketLimits(messageSize: .max)).violation?.code
                == .messageTooBig)
    }

    @Test("Text is refused with the byte that cannot be UTF-8") func textIsRefusedWithTheByteThatCannotBeUTF8() {
        // The header announces more than ever comes.
        #expect(read([0x81, 100, 0x61, 0xF4, 0x90]).violation?.code == .invalidPayload)
        #expect(read([0x81, 100, 0x61, 0xF4, 0x8F]).violation == nil)
        #expect(read(frame(1, [0x61, 0xCE], fin: false) + [0x80, 3, 0x61]).violation?.code == .invalidPayload)
    }

    @Test("A character may be cut by fragments anywhere") func aCharacterMayBeCutByFragmentsAnywhere() {
        let text = "aé€😀\u{10FFFF}"
        let fragments = Array(text.utf8).enumerated().flatMap { index, byte in
            frame(index == 0 ? 1 : 0, [byte], fin: index == text.utf8.count - 1)
        }
        #expect(read(fragments).events == [.message(.text(text))])
    }

    @Test("Nothing counts behind a close frame") func nothingCountsBehindACloseFrame() {
        let outcome = read(frame(1, "a", fin: false) + frame(8, [3, 233] + Array("bye".utf8)) + frame(3, "junk"))
        #expect(outcome.violation == nil)
        #expect(outcome.events == [.close(WebSocketClosure(.goingAway, reason: "bye"))])
        #expect(read(frame(8)).events == [.close(WebSocketClosure(.noStatusReceived))])
    }

    @Test("Which codes may come") func whichCodesMayCome() {
        for code in 0...UInt16.max {
            let isAllowed =
                switch code {
                case 1000...1003, 1007...1014, 3000...4999: true
                default: false
                }
            #expect(WebSocketCloseCode(rawValue: code).mayBeSent == isAllowed)
            guard code < 6000 || code % 997 == 0 else { continue }
            let outcome = read(frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)]))
            #expect((outcome.violation == nil) == isAllowed)
            #expect(outcome.violation == nil || outcome.violation?.code == .protocolError)
        }
    }

    @Test("Where the bytes are cut does not matter", arguments: 0..<60) func whereTheBytesAreCutDoesNotMatter(
        _ seed: UInt64
    ) {
        var random = SeededRandom(seed: seed)
        let role: WebSocketRole = Bool.random(using: &random) ? .client : .server
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) { bytes += randomMessage(role, &random) }
        if Bool.random(using: &random) { bytes += frame(8, [3, 232], key: role == .server ? 1 : nil) }
        // Most of the broken streams are broken in a header or in text.
        if seed % 3 == 0, !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        let limits = WebSocketLimits(messageSize: 1 << 17)
        let whole = read(bytes, by: role, limits: limits)
        #expect(read(bytes.map { [$0] }, by: role, limits: limits) == whole)
        for longest in [2, 7, 40, 5000] {
            #expect(read(cut(bytes, &random, longest: longest), by: role, limits: limits) == whole)
        }
    }

    @Test("A small stream cut in three, everywhere") func aSmallStreamCutInThreeEverywhere() {
        let bytes =
            frame(1, "é€", fin: false, key: 7) + frame(9, "p", key: 0xFFFF_FFFF) + frame(0, "😀", key: 0x0102_0304)
            + frame(2, [UInt8](repeating: 9, count: 130), key: 5) + frame(8, [3, 232], key: 3)
        let whole = read(bytes, by: .server)
        #expect(whole.events.count == 4)
        for first in 0...bytes.count {
            for second in stride(from: first, through: bytes.count, by: 5) {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
                #expect(read(pieces, by: .server) == whole)
            }
        }
    }
}

/// A message in random fragments, with control frames between them.
private func randomMessage(_ role: WebSocketRole, _ random: inout SeededRandom) -> [UInt8] {
    func key() -> UInt32? { role == .server ? UInt32.random(in: 0...UInt32.max, using: &random) : nil }
    let isText = Bool.random(using: &random)
    let isLong = Int.random(in: 0..<40, using: &random) == 0
    let length = isLong ? 66_000 : [0, 1, 100, 125, 126, 300].randomElement(using: &random) ?? 0
    let characters: [Character] = ["a", "é", "€", "😀", " "]
    let payload: [UInt8] =
        isText
        ? Array(String((0..<length / 4).map { _ in characters.randomElement(using: &random) ?? "b" }).utf8)
        : (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    var bytes: [UInt8] = []
    var position = 0
    var isFirst = true
    repeat {
        let size = Int.random(in: 0...max(1, payload.count), using: &random)
        let end = min(payload.count, position + size)
        let opcode: UInt8 = isFirst ? (isText ? 1 : 2) : 0
        bytes += frame(opcode, Array(payload[position..<end]), fin: end == payload.count, key: key())
        position = end
        isFirst = false
        if Int.random(in: 0..<3, using: &random) == 0, position < payload.count {
            bytes += frame(Bool.random(using: &random) ? 9 : 0xA, "between", key: key())
        }
    } while position < payload.count
    return bytes
}
