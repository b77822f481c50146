import ProgressTracking
import StreamCore

extension ProgressStoreCompliance {
    static let answerChecks = [
        Check("projects keep to themselves") { run in
            var random = SeededRandom(seed: 6)
            let names: [StreamID] = ["project", "PROJECT", "project/sub", "project.sub", "~", "a:b@c+d=e"]
            let steps = names.map { _ in random.progressSteps(8, agents: 2) }
            let store = try await run.make()
            for position in 0..<8 {
                for (name, steps) in zip(names, steps) { try await store.advance(name, by: steps[position]) }
            }
            for (name, steps) in zip(names, steps) {
                try await run.require(store, name, is: try await run.fold(steps, as: store), "\(name)")
            }
            try await store.reset(names[0])
            for (name, steps) in zip(names, steps).dropFirst() {
                try await run.require(
                    store, name, is: try await run.fold(steps, as: store), "\(name), another forgotten")
            }
        },
        Check("records, projects and histories are answered as the fold does") { run in
            var random = SeededRandom(seed: 7)
            let steps = random.progressSteps(150, agents: 3)
            let store = try await run.make()
            for step in steps { try await store.advance("project", by: step) }
            let fold = try await run.fold(steps, as: store)
            try run.require(try await store.project("project") == fold.project, "another project")
            for agent in ["agent-0", "agent-1", "agent-2", "nobody", ""] {
                let record = try await store.record(of: agent, in: "project")
                try run.require(record == fold.record(of: agent), "another record of '\(agent)'")
                for (from, through) in [(nil, nil), (3000, nil), (nil, 9000), (3000, 9000), (9000, 3000)]
                    as [(Int64?, Int64?)]
                {
                    for count in [1, 2, 3, 4, 10, 99, .max] {
                        let query = ProgressHistoryQuery(
                            from: from.map { Timestamp(millisecondsSince1970: $0) },
                            through: through.map { Timestamp(millisecondsSince1970: $0) }, maxPoints: count)
                        let points = try await store.history(of: agent, in: "project", query)
                        try run.require(points == fold.history(of: agent, query), "another history for \(query)")
                    }
                }
            }
        },
        Check("more agents and points than are kept go as the law says") { run in
            let store = try await run.make()
            let limits = try await store.fold(of: "project").limits
            // A store with large limits is checked as far as time allows.
            let agents = min(limits.agents + 20, 1200)
            let points = min(limits.points * 2 + 20, 3000)
            var offset = Offset.start
            func step(_ count: Int, _ record: (Int) -> AgentProgress) -> ProgressAdvance {
                let after = offset
                let records = (0..<count).map { number in
                    offset = offset.successor ?? offset
                    return LoggedProgress(offset: offset, record: record(number))
                }
                return ProgressAdvance(after: after, through: offset, records: records)
            }
            func record(_ agent: String, _ number: Int, _ status: ProgressStatus) -> AgentProgress {
                AgentProgress(
                    origin: ChunkOrigin(projectID: "project", agentID: agent, runID: ""), status: status,
                    percentage: Double(number % 101), lastUpdated: Timestamp(millisecondsSince1970: Int64(number)))
            }
            var steps = [step(points) { record("one", $0, .running) }]
            steps.append(step(agents) { record("agent-\($0)", $0, $0.isMultiple(of: 3) ? .completed : .running) })
            for step in steps { try await store.advance("project", by: step) }
            try await run.require(store, "project", is: try await run.fold(steps, as: store), "beyond the limits")
        },
    ]
}
