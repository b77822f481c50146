import CReference

/// One way to do a piece of work.
struct Contender {
    var name: String
    /// Of a reference: the ratio of our speed to its that is asked for.
    var goal: Double?
    /// Of a reference: the ratio below which the run fails; far below the goal, as machines are busy and data may be little.
    var floor: Double?
    /// Does the work once and returns a sum over what came out: all contenders of a comparison must return the same.
    var run: () async -> Outcome

    /// What a run came to.
    struct Outcome {
        var sum: Int
        /// How long it took by the contender's own measure; nil for the measure of the comparison.
        var seconds: Double?
    }

    /// A contender that leaves measuring to the comparison.
    init(name: String, goal: Double? = nil, floor: Double? = nil, run: @escaping () async -> Int) {
        self.name = name
        self.goal = goal
        self.floor = floor
        self.run = { Outcome(sum: await run()) }
    }

    /// A contender that measures its own time.
    init(
        name: String, goal: Double? = nil, floor: Double? = nil, measuring run: @escaping () async -> Outcome
    ) {
        self.name = name
        self.goal = goal
        self.floor = floor
        self.run = run
    }
}

/// Ours beside references: a row or more of the table.
struct Comparison {
    /// What is compared, as `what, how`.
    var name: String
    /// What is counted, such as `events`.
    var unit: String
    /// How many of them one run handles.
    var count: Int
    /// How many bytes one run reads; 0 when that makes no sense.
    var bytes: Int
    var ours: Contender
    var references: [Contender]
    /// What time is measured by, in seconds: the process's CPU time by default.
    var clock: () -> Double = reference_cpu_seconds
    /// The most nanoseconds that one of what is counted is asked to take; nothing fails by it, as that depends on the machine.
    var limit: Double?
    /// How many rounds there are for each one of the scale's: more where a round is short or disturbed easily.
    var roundsEach = 1
    /// Frees what the contenders hold.
    var end: () async -> Void = {}
}

/// A named group of comparisons.
struct Suite: Sendable {
    var name: String
    /// Makes the data and the contenders; only called when the suite is to run.
    var comparisons: @Sendable (Scale) -> [Comparison]
}

/// How much work there is.
enum Scale {
    /// For continuous integration: shows that everything runs.
    case quick
    case full

    var rounds: Int { self == .quick ? 3 : 15 }
}
