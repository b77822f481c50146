import ProgressTracking
import StreamCore

extension ProgressStoreCompliance {
    static let lawChecks = [
        Check("a project that was never heard of is empty and at the start") { run in
            let store = try await run.make()
            let fold = try await store.fold(of: "project")
            try run.require(
                fold == ProgressFold(limits: fold.limits), "the state is not the one before the first event")
            try run.require(try await store.record(of: "agent", in: "project") == nil, "there is a record")
            try run.require(try await store.offset(of: "project") == .start, "the offset is not the start")
            try await store.reset("project")
        },
        Check("stretches in their order give the fold, whatever is in them") { run in
            for seed in 0..<20 as Range<UInt64> {
                var random = SeededRandom(seed: seed)
                let steps = random.progressSteps(30, agents: 4)
                let store = try await run.make()
                for (position, step) in steps.enumerated() {
                    let offset = try await store.advance("project", by: step)
                    try run.require(offset == step.through, "seed \(seed): advanced to \(offset), not \(step.through)")
                    guard position % 10 == 9 else { continue }
                    let fold = try await run.fold(Array(steps[...position]), as: store)
                    try await run.require(store, "project", is: fold, "seed \(seed), step \(position)")
                }
            }
        },
        Check("what was folded already is passed over") { run in
            var random = SeededRandom(seed: 1)
            let steps = random.progressSteps(20, agents: 3)
            let store = try await run.make()
            for (position, step) in steps.enumerated() {
                try await store.advance("project", by: step)
                // The same again, one from long ago, and one that began before and ends here.
                try await store.advance("project", by: step)
                try await store.advance("project", by: steps[position / 2])
                let joined = steps[(position / 2)...position].flatMap(\.records)
                let unreadable = steps[(position / 2)...position].flatMap(\.unreadable)
                let offset = try await store.advance(
                    "project",
                    by: ProgressAdvance(
                        after: steps[position / 2].after, through: step.through, records: joined,
                        unreadable: unreadable))
                try run.require(offset == step.through, "the offset is \(offset), not \(step.through)")
            }
            try await run.require(
                store, "project", is: try await run.fold(steps, as: store), "with every stretch repeated")
        },
        Check("of a stretch that is known in part the rest is folded in") { run in
            var random = SeededRandom(seed: 2)
            let steps = random.progressSteps(20, agents: 3)
            let store = try await run.make()
            for position in steps.indices.dropLast() where position.isMultiple(of: 2) {
                try await store.advance("project", by: steps[position])
                let both = [steps[position], steps[position + 1]]
                try await store.advance(
                    "project",
                    by: ProgressAdvance(
                        after: both[0].after, through: both[1].through, records: both.flatMap(\.records),
                        unreadable: both.flatMap(\.unreadable)))
            }
            try await run.require(
                store, "project", is: try await run.fold(steps, as: store), "in overlapping stretches")
        },
        Check("a stretch behind something that was not seen changes nothing") { run in
            var random = SeededRandom(seed: 3)
            let steps = random.progressSteps(12, agents: 3)
            let store = try await run.make()
            for position in steps.indices.dropLast() {
                let ahead = try await store.advance("project", by: steps[position + 1])
                try run.require(ahead == steps[position].after, "a gap is answered by \(ahead), not by the offset")
                let fold = try await run.fold(Array(steps[..<position]), as: store)
                try await run.require(store, "project", is: fold, "after a stretch from ahead")
                try await store.advance("project", by: steps[position])
            }
        },
        Check("many at once do what one does") { run in
            var random = SeededRandom(seed: 4)
            let steps = random.progressSteps(60, agents: 3)
            let store = try await run.make()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for step in steps {
                            // Whoever is behind the others is passed over, and nobody can be ahead.
                            let offset = try await store.advance("project", by: step)
                            try run.require(offset >= step.through, "the answer \(offset) is behind \(step.through)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await run.require(store, "project", is: try await run.fold(steps, as: store), "after eight writers")
        },
        Check("forgetting begins anew") { run in
            var random = SeededRandom(seed: 5)
            let steps = random.progressSteps(10, agents: 3)
            let store = try await run.make()
            for _ in 0..<3 {
                for step in steps { try await store.advance("project", by: step) }
                try await run.require(store, "project", is: try await run.fold(steps, as: store), "after a reset")
                try await store.reset("project")
                try await run.require(store, "project", is: try await run.fold([], as: store), "right after a reset")
            }
        },
    ]
}
