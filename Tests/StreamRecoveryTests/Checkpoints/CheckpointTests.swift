import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

@Suite struct CheckpointTests {
    private let made = Timestamp(millisecondsSince1970: 1_767_225_600_000)

    private var checkpoint: Checkpoint {
        Checkpoint(
            id: "c-7", key: Checkpoint.Key(stream: "projects/p1", run: "run-1"),
            position: Offset(era: 2, index: 40) ?? .start, content: "Grüße, \"Oslo\"\n",
            metadata: ["step": 3], state: ["usage": ["input": 12], "ratio": 0.5], timestamp: made)
    }

    @Test func theFormIsStable() {
        let text = String(decoding: checkpoint.record, as: UTF8.self)
        #expect(
            text.hasPrefix(
                #"{"id":"c-7","streamId":"projects/p1","runId":"run-1","position":"000200000000018","content":"Grüße, \"Oslo\"\n","metadata":{"step":3},"state":{"usage":{"input":12},"ratio":0.5},"timestamp":1767225600000,"ttl":3600000,"checksum":""#
            ))
        // CRC32C of everything before, computed with another implementation.
        #expect(text.hasSuffix(#""checksum":"0071ad63"}"#))
        #expect(Checkpoint.judge(checkpoint.record, for: checkpoint.key, at: made) == .found(checkpoint))
    }

    @Test func anHourIsTheDefault() {
        let end = Timestamp(millisecondsSince1970: made.millisecondsSince1970 + 3_600_000)
        #expect(checkpoint.expiresAt == end)
        let before = Timestamp(millisecondsSince1970: end.millisecondsSince1970 - 1)
        #expect(Checkpoint.judge(checkpoint.record, for: checkpoint.key, at: before).checkpoint == checkpoint)
        #expect(Checkpoint.judge(checkpoint.record, for: checkpoint.key, at: end) == .expired(end))
        #expect(Checkpoint.judge(nil, for: checkpoint.key, at: end) == .none)
    }

    @Test func truncationIsToldAtEveryByte() {
        let record = checkpoint.record
        for count in 0..<record.count {
            guard case .damaged(let reason) = Checkpoint.judge(Array(record[..<count]), for: checkpoint.key, at: made)
            else {
                Issue.record("\(count) bytes of \(record.count) pass")
                return
            }
            #expect(!reason.isEmpty)
        }
        for extra in [UInt8(0), UInt8(ascii: "}"), UInt8(ascii: " ")] {
            #expect(Checkpoint.judge(record + [extra], for: checkpoint.key, at: made).checkpoint == nil)
        }
    }

    @Test func everyFlippedBitIsTold() {
        let record = checkpoint.record
        for bit in 0..<record.count * 8 {
            var damaged = record
            damaged[bit / 8] ^= 1 << (bit % 8)
            guard case .damaged = Checkpoint.judge(damaged, for: checkpoint.key, at: made) else {
                Issue.record("bit \(bit % 8) of byte \(bit / 8) passes")
                return
            }
        }
    }

    @Test func anotherRunsCheckpointIsNotTakenForThisOnes() {
        let others = [
            Checkpoint.Key(stream: "projects/p1", run: "run-2"), Checkpoint.Key(stream: "projects/p2", run: "run-1"),
            Checkpoint.Key(stream: "projects/p1", run: "Run-1"),
        ]
        for key in others {
            guard case .damaged(let reason) = Checkpoint.judge(checkpoint.record, for: key, at: made) else {
                Issue.record("passes for \(key)")
                return
            }
            #expect(reason.contains("run-1"))
        }
        #expect(Checkpoint.Key(stream: "s", run: "é") != Checkpoint.Key(stream: "s", run: "e\u{301}"))
    }

    @Test func oddTimesAreTame() {
        var odd = checkpoint
        odd.timeToLive = .seconds(Int64.max)
        #expect(odd.expiresAt.millisecondsSince1970 == .max)
        #expect(
            Checkpoint.judge(odd.record, for: odd.key, at: made).checkpoint?.expiresAt.millisecondsSince1970 == .max)
        odd.timeToLive = .seconds(-5)
        #expect(odd.expiresAt < made)
        odd.timestamp = Timestamp(millisecondsSince1970: .min)
        odd.timeToLive = .seconds(-Int64.max / 2)
        #expect(odd.expiresAt.millisecondsSince1970 == .min)
    }
}
