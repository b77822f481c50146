/// One way to do a piece of work.
struct Contender {
    var name: String
    /// Does the work once and returns a sum over what came out: all contenders of a comparison must return the same.
    var run: () async -> Int
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
    /// The ratio to the first reference that is asked for.
    var target: Double?
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
