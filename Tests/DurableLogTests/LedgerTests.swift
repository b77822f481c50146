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
        #expect(again == AppendResult(last: first.last, isDuplicate: true))
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
            #expect(ledger.forked(at: offset).era == 0)
        }
        let fork = ledger.forked(at: Offset(era: 1, index: 7)!)
        #expect(fork.tail == Offset(era: 1, index: 7))
        #expect(fork.era == 1)
    }
}
