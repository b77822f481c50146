import DurableLog
import StreamCore
import Testing

@Suite struct LedgerTests {
    let stream: StreamID = "s"
    let producer = ProducerID(rawValue: "p")!

    func stamp(_ epoch: UInt64, _ sequence: UInt64) -> ProducerStamp {
        ProducerStamp(id: producer, epoch: epoch, sequence: sequence)
    }

    /// Checks and applies an append, and says what came of it.
    func append(_ ledger: inout StreamLedger, _ entry: LedgerEntry) throws(EventLogError) -> AppendResult {
        switch try ledger.check(entry, in: stream) {
        case .nothing(let result): return result
        case .append(let result):
            ledger.apply(entry)
            #expect(ledger.tail == result.last)
            return result
        }
    }

    @Test func checksumsAreThoseOfTheRFC() {
        // RFC 3720 B.4.
        #expect(CRC32C(of: [UInt8](repeating: 0, count: 32)).value == 0x8A91_36AA)
        #expect(CRC32C(of: [UInt8](repeating: 0xFF, count: 32)).value == 0x62A8_AB43)
        #expect(CRC32C(of: Array(0..<32)).value == 0x46DD_794E)
        #expect(CRC32C(of: Array((0..<32).reversed())).value == 0x113F_DB5C)
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
            var pieces = CRC32C(of: Array(bytes[..<cut]))
            bytes[cut...].withUnsafeBytes { pieces.update($0) }
            #expect(pieces == CRC32C(of: bytes))
        }
    }

    @Test func checksumsAreTheSameWithoutTheInstruction() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<9 {
                for end in start...bytes.count {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    var byTable = CRC32C()
                    byTable.updateByTable(part)
                    #expect(byTable == CRC32C(of: part))
                }
            }
        }
    }

    @Test func offsetsAreDenseAndClosingIsForGood() throws {
        var ledger = StreamLedger(contentType: "application/json", era: 3)
        #expect(ledger.tail == Offset(era: 3, index: 0))
        #expect(try append(&ledger, LedgerEntry(eventCount: 2)).last == Offset(era: 3, index: 2))
        #expect(try append(&ledger, LedgerEntry(eventCount: 0)).last == Offset(era: 3, index: 2))
        #expect(try append(&ledger, LedgerEntry(eventCount: 1, closes: true)).last == Offset(era: 3, index: 3))
        #expect(try append(&ledger, LedgerEntry(closes: true)).last == Offset(era: 3, index: 3))
        let error = #expect(throws: EventLogError.self) { try append(&ledger, LedgerEntry(eventCount: 1)) }
        #expect(error?.code == .closed && error?.last == Offset(era: 3, index: 3))
    }

    @Test func fencing() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        func code(_ entry: LedgerEntry) -> EventLogError.Code? {
            #expect(throws: EventLogError.self) { try append(&ledger, entry) }?.code
        }
        #expect(code(LedgerEntry(eventCount: 1, producer: stamp(0, 1))) == .producerGap)
        let first = try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp(0, 0), checksum: 7))
        let again = try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp(0, 0), checksum: 7))
        #expect(again == AppendResult(last: first.last, isDuplicate: true, producerSequence: 0))
        #expect(code(LedgerEntry(eventCount: 1, producer: stamp(0, 0), checksum: 8)) == .checksumMismatch)
        #expect(code(LedgerEntry(eventCount: 1, producer: stamp(0, 2))) == .producerGap)
        #expect(code(LedgerEntry(eventCount: 1, producer: stamp(1, 1))) == .newEpochSequence)

        #expect(try ledger.nextEpoch(of: producer, in: stream) == 1)
        ledger.apply(LedgerEntry(claim: producer))
        #expect(code(LedgerEntry(eventCount: 1, producer: stamp(0, 1))) == .staleEpoch)
        #expect(try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp(1, 0))).isDuplicate == false)
        #expect(try ledger.nextEpoch(of: producer, in: stream) == 2)
    }

    @Test func noEpochIsClaimedTwiceHoweverManyProducersThereAre() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        for _ in 0..<5 { ledger.apply(LedgerEntry(claim: producer)) }
        for number in 0..<3000 { ledger.apply(LedgerEntry(claim: ProducerID(rawValue: "other-\(number)")!)) }
        #expect(try ledger.nextEpoch(of: producer, in: stream) >= 6)
        #expect(ledger.bytes.count < 400_000)
    }

    @Test func aFencedProducerStaysFencedWhenItIsForgotten() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        for _ in 0..<3 { ledger.apply(LedgerEntry(claim: producer)) }
        for number in 0..<3000 {
            let other = ProducerStamp(id: ProducerID(rawValue: "other-\(number)")!, epoch: 0, sequence: 0)
            _ = try append(&ledger, LedgerEntry(eventCount: 1, producer: other))
        }
        for epoch: UInt64 in 1...3 {
            for sequence: UInt64 in [0, 5] {
                let error = #expect(throws: EventLogError.self) {
                    try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp(epoch, sequence)))
                }
                #expect(error?.code == .staleEpoch && error?.epoch == 3)
            }
        }
        #expect(try ledger.nextEpoch(of: producer, in: stream) == 4)
        #expect(try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp(4, 0))).isDuplicate == false)
        // Who counts by itself and never claimed begins anew.
        let other = ProducerStamp(id: ProducerID(rawValue: "other-0")!, epoch: 0, sequence: 0)
        #expect(try append(&ledger, LedgerEntry(eventCount: 1, producer: other)).isDuplicate == false)
    }

    @Test func epochsThatAreChosenLeaveSomeForClaims() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        let far = stamp(StreamLedger.maxChosenEpoch + 1, 0)
        let error = #expect(throws: EventLogError.self) {
            try append(&ledger, LedgerEntry(eventCount: 1, producer: far))
        }
        #expect(error?.code == .tooLarge)
        _ = try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp(StreamLedger.maxChosenEpoch, 0)))
        #expect(try ledger.nextEpoch(of: producer, in: stream) == far.epoch)
        ledger.apply(LedgerEntry(claim: producer))
        #expect(try append(&ledger, LedgerEntry(eventCount: 1, producer: far)).isDuplicate == false)
    }

    @Test func repetitionsAreKnownAsLongAsTheyAreRemembered() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        var results: [AppendResult] = []
        for number: UInt64 in 0..<20 {
            let entry = LedgerEntry(eventCount: 2, producer: stamp(0, number), checksum: UInt32(number))
            results.append(try append(&ledger, entry))
        }
        for number: UInt64 in 0..<20 {
            let entry = LedgerEntry(eventCount: 2, producer: stamp(0, number), checksum: UInt32(number))
            let result = try append(&ledger, entry)
            #expect(result.isDuplicate && result.producerSequence == 19)
            // Of older ones it is only known that they were appended.
            #expect(result.last == (number >= 12 ? results[Int(number)].last : ledger.tail))
        }
        ledger.apply(LedgerEntry(closes: true))
        let entry = LedgerEntry(eventCount: 2, producer: stamp(0, 19), checksum: 19)
        #expect(
            try append(&ledger, entry) == AppendResult(last: ledger.tail, isDuplicate: true, producerSequence: 19))
        // In a closed stream a producer's own faults are still told as such.
        for (stamp, code) in [(stamp(0, 19), .checksumMismatch), (stamp(0, 20), .closed)]
            as [(ProducerStamp, EventLogError.Code)]
        {
            let error = #expect(throws: EventLogError.self) {
                try append(&ledger, LedgerEntry(eventCount: 1, producer: stamp, checksum: 1))
            }
            #expect(error?.code == code)
        }
    }

    @Test func aRepetitionIsNoRegression() throws {
        var ledger = StreamLedger(contentType: "text/plain; charset=utf-8", era: 0)
        let entry = LedgerEntry(eventCount: 1, producer: stamp(0, 0), checksum: 1, sequence: "a")
        _ = try append(&ledger, entry)
        #expect(try append(&ledger, entry).isDuplicate)
        for type in ["text/plain", "TEXT/Plain ; charset=latin1"] {
            _ = try ledger.check(LedgerEntry(eventCount: 1), contentType: type, in: stream)
        }
        for type in ["text/plainer", "", ";", "text/ plain"] {
            #expect(throws: EventLogError.self) {
                try ledger.check(LedgerEntry(eventCount: 1), contentType: type, in: stream)
            }
        }
    }

    @Test func closingIsPartOfTheChecksum() {
        let events = [StreamEvent(type: .content, payload: [1])]
        #expect(LedgerEntry.checksum(of: events) != LedgerEntry.checksum(of: events, closes: true))
        #expect(LedgerEntry.checksum(of: []) != LedgerEntry.checksum(of: [], closes: true))
        let moved = [StreamEvent(type: .content, source: "a", payload: [98]), StreamEvent(type: .content, payload: [])]
        let other = [StreamEvent(type: .content, source: "ab", payload: []), StreamEvent(type: .content, payload: [])]
        #expect(LedgerEntry.checksum(of: moved) != LedgerEntry.checksum(of: other))
    }

    @Test func erasWithoutEventsDoNotPileUp() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 4)
        let empty = ledger.tail
        for _ in 0..<5000 { #expect(ledger.beginEra() as Bool) }
        #expect(ledger.tail == empty)
        _ = try append(&ledger, LedgerEntry(eventCount: 3))
        #expect(ledger.tail == Offset(era: 5004, index: 3))
        for offset in [empty, ledger.tail] {
            try ledger.checkRead(after: offset, oldest: Offset(era: 5004, index: 1), in: stream)
        }
        #expect(ledger.bytes.count < 200)
        #expect(throws: EventLogError.self) {
            try ledger.checkRead(after: Offset(era: 17, index: 1)!, oldest: Offset(era: 5004, index: 1), in: stream)
        }
    }

    @Test func aTailThatWasLostIsAGap() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        _ = try append(&ledger, LedgerEntry(eventCount: 5))
        let begins = ledger.beginEra()
        #expect(begins)
        _ = try append(&ledger, LedgerEntry(eventCount: 5))
        #expect(ledger.tail == Offset(era: 1, index: 10))
        let oldest = Offset(index: 3)
        for good in [Offset.start, Offset(index: 2)!, Offset(index: 5)!, Offset(era: 1, index: 5)!, ledger.tail] {
            try ledger.checkRead(after: good, oldest: oldest, in: stream)
        }
        for bad in [
            Offset(index: 1)!, Offset(index: 6)!, Offset(era: 1, index: 4)!, Offset(era: 1, index: 11)!,
            Offset(era: 2, index: 5)!,
        ] {
            let error = #expect(throws: EventLogError.self) {
                try ledger.checkRead(after: bad, oldest: oldest, in: stream)
            }
            #expect(error?.code == .gap && error?.kept?.newest == ledger.tail && error?.kept?.oldest == oldest)
        }
    }

    @Test func bytesAreTheLedgerAndNothingElseIs() throws {
        var ledger = StreamLedger(contentType: "application/json", era: 2)
        for number in 0..<20 {
            ledger.apply(
                LedgerEntry(eventCount: number, producer: stamp(4, UInt64(number)), checksum: 9, sequence: "\(number)"))
        }
        let begins = ledger.beginEra()
        #expect(begins)
        ledger.apply(LedgerEntry(claim: ProducerID(rawValue: "q")!))
        let bytes = ledger.bytes
        #expect(try StreamLedger(bytes: bytes) == StreamLedger(bytes: StreamLedger(bytes: bytes).bytes))
        #expect(try StreamLedger(bytes: bytes).tail == ledger.tail)
        for end in bytes.indices {
            #expect(throws: LedgerFormatError.self) { try StreamLedger(bytes: bytes[..<end]) }
        }
        for position in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[position] ^= 1 << bit
                // Damage is found by the checksum around it; here it must only end.
                _ = try? StreamLedger(bytes: damaged)
            }
        }
    }

    @Test func aForkHasTheOffsetsUpToItsPoint() throws {
        var ledger = StreamLedger(contentType: "a/b", era: 0)
        ledger.apply(LedgerEntry(eventCount: 5))
        let begins = ledger.beginEra()
        #expect(begins)
        ledger.apply(LedgerEntry(eventCount: 5))
        for index in 0...5 {
            let offset = index == 0 ? Offset.start : Offset(index: UInt64(index))!
            #expect(ledger.forked(at: offset).tail.index == UInt64(index))
            #expect(ledger.forked(at: offset).era == 2)
            #expect(ledger.forked(at: offset, era: 9).era == 9)
        }
        let fork = ledger.forked(at: Offset(era: 1, index: 7)!)
        #expect(fork.tail == Offset(era: 1, index: 7))
        // Its own events come in an era that the source has not begun: the source's other offsets mean nothing here.
        #expect(fork.era == 2)
        try fork.checkRead(after: Offset(index: 5)!, oldest: Offset(index: 1), in: stream)
        #expect(throws: EventLogError.self) {
            try fork.checkRead(after: Offset(era: 1, index: 8)!, oldest: Offset(index: 1), in: stream)
        }
    }
}
