import AgentKitTesting
import Testing

@testable import WireProtocols

@Suite struct WebSocketSendingTests {
    @Test(
        "The other end reads what is sent", arguments: [0, 1, 125, 126, 127, 65535, 65536, 70000],
        [WebSocketRole.client, .server])
    func theOtherEndReadsWhatIsSent(_ count: Int, _ role: WebSocketRole) {
        var random = SeededRandom(seed: UInt64(count))
        var machine = WebSocketMachine(role: role)
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        guard let header = machine.dataHeader(isText: false, payloadLength: count, using: &random) else {
            Issue.record("nothing may be sent")
            return
        }
        #expect(header.encoded.count == header.encodedLength)
        #expect(header.encodedLength <= WebSocketFrameHeader.maximumLength)
        #expect((header.maskingKey != nil) == (role == .client))
        var bytes = header.encoded
        payload.withUnsafeBytes { bytes.append($0, masking: header.maskingKey) }
        let outcome = read(bytes, by: role == .client ? .server : .client)
        #expect(outcome == ReadOutcome(events: [.message(.binary(payload))]))
    }

    @Test("Further frames of a message are continuations") func furtherFramesOfAMessageAreContinuations() {
        var random = SeededRandom(seed: 1)
        var machine = WebSocketMachine(role: .server)
        let headers = [(false, true), (false, true), (true, true), (true, false)].map { isFinal, isCompressed in
            machine.dataHeader(
                isText: true, payloadLength: 1, isFinal: isFinal, isCompressed: isCompressed, using: &random)
        }
        #expect(headers.map { $0?.opcode } == [.text, .continuation, .continuation, .text])
        #expect(headers.map { $0?.isCompressed } == [true, false, false, false])
    }

    @Test("Pings and pongs have at most 125 bytes") func pingsAndPongsHaveAtMost125Bytes() {
        var random = SeededRandom(seed: 1)
        let machine = WebSocketMachine(role: .client)
        let sent = machine.controlFrame(.pong, [UInt8](repeating: 1, count: 200), using: &random) ?? []
        #expect(read(sent, by: .server).events == [.pong([UInt8](repeating: 1, count: 125))])
        expectNil(machine.controlFrame(.close, using: &random), true)
        expectNil(machine.controlFrame(.text, using: &random), true)
    }

    @Test("Behind a close frame nothing is sent") func behindACloseFrameNothingIsSent() {
        var random = SeededRandom(seed: 1)
        var machine = WebSocketMachine(role: .client)
        let close = machine.closeFrame(WebSocketClosure(.normalClosure, reason: "done"), using: &random) ?? []
        #expect(read(close, by: .server).events == [.close(WebSocketClosure(.normalClosure, reason: "done"))])
        let (maySend, hasSent, isClosed) = (machine.maySend, machine.hasSentClose, machine.isClosed)
        #expect(!maySend && hasSent && !isClosed)
        expectNil(machine.closeFrame(WebSocketClosure(.goingAway), using: &random), true)
        expectNil(machine.controlFrame(.ping, using: &random), true)
        expectNil(machine.dataHeader(isText: true, payloadLength: 1, using: &random), true)
    }

    @Test("Behind the peer's close frame only a close frame is sent")
    func behindThePeerSCloseFrameOnlyACloseFrameIsSent() throws {
        var random = SeededRandom(seed: 1)
        var machine = WebSocketMachine(role: .client)
        var event: WebSocketMachine.Event?
        try frame(8, [3, 232]).withUnsafeBytes { bytes in
            var bytes = bytes
            event = try machine.next(from: &bytes)
        }
        #expect(event == .close(WebSocketClosure(.normalClosure)))
        let (received, maySend, isClosing) = (machine.received, machine.maySend, machine.isClosed)
        #expect(received == WebSocketClosure(.normalClosure))
        #expect(!maySend && !isClosing)
        expectNil(machine.controlFrame(.pong, using: &random), true)
        expectNil(machine.closeFrame(WebSocketClosure(.normalClosure), using: &random), false)
        let isClosed = machine.isClosed
        #expect(isClosed)
    }

    @Test("After a violation a close frame can be sent, once") func afterAViolationACloseFrameCanBeSentOnce() {
        var random = SeededRandom(seed: 1)
        var machine = WebSocketMachine(role: .server)
        [UInt8(0x83)].withUnsafeBytes { bytes in
            var bytes = bytes
            _ = try? machine.next(from: &bytes)
        }
        let maySend = machine.maySend
        #expect(!maySend)
        let close = machine.closeFrame(WebSocketClosure(.protocolError), using: &random) ?? []
        #expect(read(close).events == [.close(WebSocketClosure(.protocolError))])
        expectNil(machine.closeFrame(WebSocketClosure(.protocolError), using: &random), true)
        let isClosed = machine.isClosed
        #expect(isClosed)
    }

    @Test("A close frame never has a code that may not be sent, nor too long a reason")
    func aCloseFrameNeverHasACodeThatMayNotBeSentNorTooLongAReason() {
        #expect(WebSocketClosure(.noStatusReceived, reason: "not sent").payload == [])
        for code in [0, 999, 1004, 1006, 1015, 2999, 5000] as [UInt16] {
            #expect(WebSocketClosure(WebSocketCloseCode(rawValue: code)).payload == [0x03, 0xF3])
        }
        let long = WebSocketClosure(.normalClosure, reason: String(repeating: "€", count: 50)).payload
        #expect(long.count == 2 + 123)
        let cut = WebSocketClosure(.normalClosure, reason: "a" + String(repeating: "€", count: 50)).payload
        #expect(cut.count == 2 + 121)
        #expect(String(validating: cut[2...], as: UTF8.self) != nil)
    }

    @Test("Masking by words is masking by bytes") func maskingByWordsIsMaskingByBytes() {
        var random = SeededRandom(seed: 3)
        for count in [0, 1, 3, 7, 8, 9, 63, 64, 65, 200] {
            for offset in 0..<9 {
                let key = UInt32(truncatingIfNeeded: random.next())
                let keyBytes = (0..<4).map { UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32($0))) }
                let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                var masked = bytes
                masked.withUnsafeMutableBytes { WebSocketMask.apply(key, to: $0, offset: offset) }
                #expect(masked == bytes.enumerated().map { $1 ^ keyBytes[($0 + offset) & 3] })
            }
        }
    }
}

/// A machine cannot be copied, which `#expect` would do with what its condition mentions.
private func expectNil(_ value: (some Any)?, _ isNil: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect((value == nil) == isNil, sourceLocation: sourceLocation)
}
