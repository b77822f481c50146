import StreamCore
import StreamRecovery

extension CheckpointStoreCompliance {
    static let recordChecks = [
        Check("what is not there is nothing, and can be removed") { run in
            let key = try run.key()
            try await run.requireRecord(key, nil, in: run.store, "a run that was never written")
            try await run.store.remove(key)
            try await run.requireRecord(key, nil, in: run.store, "a run that was never written, removed")
        },
        Check("a record is read as it was written") { run in
            let key = try run.key()
            let every = (0..<1024).map { UInt8(truncatingIfNeeded: $0) }
            for size in [1, 2, 100, 4096, 65_536, min(1 << 20, run.subject.limit ?? .max)] {
                let record = Array(repeatElement(every, count: size / every.count + 1).joined().prefix(size))
                try await run.store.write(record, for: key, expiresAt: run.later)
                try await run.requireRecord(key, record, in: run.store, "a record of \(size) bytes")
            }
            try await run.store.remove(key)
        },
        Check("the newest record counts, also when it is shorter") { run in
            let key = try run.key()
            for size in [5000, 10, 700, 1] {
                let record = [UInt8](repeating: UInt8(size % 251), count: size)
                try await run.store.write(record, for: key, expiresAt: run.later)
                try await run.requireRecord(key, record, in: run.store, "the record that was written last")
                try await run.requireRecord(key, record, in: run.store, "the same, read again")
            }
            try await run.store.remove(key)
        },
        Check("a removed record does not come back") { run in
            let (key, other) = (try run.key(), try run.key(run: "other"))
            try await run.store.write([1], for: key, expiresAt: run.later)
            try await run.store.write([2], for: key, expiresAt: run.later)
            try await run.store.write([3], for: other, expiresAt: run.later)
            try await run.store.remove(key)
            try await run.requireRecord(key, nil, in: run.store, "a removed record")
            try await run.requireRecord(other, [3], in: run.store, "the record of another run of the stream")
            if let reopen = run.subject.reopen {
                try await run.requireRecord(key, nil, in: try await reopen(), "a removed record, opened again")
            }
            try await run.store.remove(other)
        },
        Check("every name is its own") { run in
            let names = [
                ("", "run"), ("", "Run"), ("", "RUN"), ("", "run "), ("", "run."), ("", ".run"), ("", ""), ("", "."),
                ("", ".."), ("", "a/b"), ("", "a!2fb"), ("", "a%2Fb"), ("", "é"), ("", "e\u{301}"), ("", "a\u{0}b"),
                ("", "a\nb"), ("/a", "b"), ("/A", "b"), ("/a/b", ""), ("", "/a/b"), ("/run.checkpoint", "run"),
                ("", String(repeating: "x", count: 64)), ("", String(repeating: "x", count: 65)),
            ]
            var written: [(Checkpoint.Key, [UInt8])] = []
            for (number, (suffix, name)) in names.enumerated() {
                let (key, record) = (try run.key(suffix, run: name), [UInt8(number), 1, 2, 3])
                do throws(CheckpointStoreError) {
                    try await run.store.write(record, for: key, expiresAt: run.later)
                    written.append((key, record))
                } catch {
                    try run.require(error.code == .invalidKey, "the run '\(name)' is refused with \(error)")
                }
            }
            try run.require(written.count > names.count / 2, "of \(names.count) names most are refused")
            for (key, record) in written {
                try await run.requireRecord(key, record, in: run.store, "the run '\(key.run)' of \(key.stream)")
            }
            for (key, _) in written { try await run.store.remove(key) }
        },
        Check("a record that is too large is refused, and the earlier one stays") { run in
            guard let limit = run.subject.limit else { return }
            let key = try run.key()
            try await run.store.write([1], for: key, expiresAt: run.later)
            do throws(CheckpointStoreError) {
                try await run.store.write(
                    [UInt8](repeating: 7, count: limit + 1), for: key, expiresAt: run.later)
            } catch {
                try run.require(error.code == .tooLarge, "a record beyond the limit is refused with \(error)")
                try run.require(!error.message.isEmpty, "the refusal has no message")
                try await run.requireRecord(key, [1], in: run.store, "after a refusal")
                return try await run.store.remove(key)
            }
            throw run.violation("a record of \(limit + 1) bytes is taken, although \(limit) are the limit")
        },
        Check("readers beside a writer see whole records") { run in
            let key = try run.key()
            let sizes = [100, 20_000, 3, 65_536]
            try await run.store.write([UInt8](repeating: 0, count: sizes[0]), for: key, expiresAt: run.later)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for round in 0..<25 {
                            let size = sizes[(writer + round) % sizes.count]
                            let record = [UInt8](repeating: UInt8((writer + round) % sizes.count), count: size)
                            try await run.store.write(record, for: key, expiresAt: run.later)
                        }
                    }
                    group.addTask {
                        for _ in 0..<50 {
                            guard let record = try await run.store.read(key), let first = record.first else {
                                throw run.violation("a record is missing while it is replaced")
                            }
                            try run.require(
                                Int(first) < sizes.count && record.count == sizes[Int(first)]
                                    && record.allSatisfy { $0 == first }, "a record is a mixture of two")
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await run.store.remove(key)
        },
        Check("a store that is opened again has what was written") { run in
            guard let reopen = run.subject.reopen else { return }
            let key = try run.key("/reopened")
            try await run.store.write([1, 2, 3], for: key, expiresAt: run.later)
            let other = try await reopen()
            try await run.requireRecord(key, [1, 2, 3], in: other, "opened again")
            try await other.write([4], for: key, expiresAt: run.later)
            try await run.requireRecord(key, [4], in: try await reopen(), "written by one, opened by another")
            try await other.remove(key)
            try await run.store.remove(key)
        },
    ]

    static let judgementChecks = [
        Check("a checkpoint is loaded as it was saved, until it expires") { run in
            let made = Timestamp(millisecondsSince1970: 3_999_000_000_000)
            let checkpoint = run.checkpoint(for: try run.key(), at: made)
            try await run.store.save(checkpoint)
            let loaded = try await run.store.load(checkpoint.key, at: made)
            try run.require(loaded == .found(checkpoint), "another checkpoint is loaded than was saved: \(loaded)")
            let late = try await run.store.load(checkpoint.key, at: checkpoint.expiresAt)
            try run.require(
                late == .expired(checkpoint.expiresAt) || late == .none, "an expired checkpoint is loaded: \(late)")
            try await run.store.remove(checkpoint.key)
            let gone = try await run.store.load(checkpoint.key, at: made)
            try run.require(gone == .none, "a removed checkpoint is loaded: \(gone)")
        },
        Check("a damaged checkpoint is told") { run in
            let made = Timestamp(millisecondsSince1970: 3_999_000_000_000)
            let checkpoint = run.checkpoint(for: try run.key(), at: made)
            var record = checkpoint.record
            record[record.count / 2] ^= 1
            try await run.store.write(record, for: checkpoint.key, expiresAt: checkpoint.expiresAt)
            let answer = try await run.store.load(checkpoint.key, at: made)
            guard case .damaged = answer else { throw run.violation("damage is not told: \(answer)") }
            // A checkpoint of another run must not be taken for this one's.
            let other = run.checkpoint(for: try run.key(run: "other"), at: made)
            try await run.store.write(other.record, for: checkpoint.key, expiresAt: other.expiresAt)
            let foreign = try await run.store.load(checkpoint.key, at: made)
            guard case .damaged = foreign else { throw run.violation("another run's is not told: \(foreign)") }
            try await run.store.remove(checkpoint.key)
        },
    ]
}

extension CheckpointStoreRun {
    func checkpoint(for key: Checkpoint.Key, at timestamp: Timestamp) -> Checkpoint {
        Checkpoint(
            id: "c1", key: key, position: Offset(era: 3, index: 77) ?? .start, content: "Grüße,\n\"quoted\" \u{1F30D}",
            metadata: ["step": 2], state: ["messages": [["role": "user"]], "ratio": 0.25], timestamp: timestamp,
            timeToLive: .seconds(60))
    }
}
