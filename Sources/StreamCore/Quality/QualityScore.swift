/// How good a text is, in the eyes of a scorer: a number, what it is made of, and what could be better.
public struct QualityScore: Sendable, Hashable {
    /// What is judged of a text, as an open-ended name.
    public struct Dimension: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The name, in lower camel case.
        public let rawValue: String

        /// A dimension from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The name.
        public var description: String { rawValue }

        /// How easily it is read.
        public static let readability = Dimension(rawValue: "readability")
        /// Whether it is as long as it should be.
        public static let length = Dimension(rawValue: "length")
        /// Whether it says what it says, rather than that it might be so.
        public static let hedging = Dimension(rawValue: "hedging")
        /// Whether it is finished: nothing cut off, left open or to be filled in.
        public static let completeness = Dimension(rawValue: "completeness")
    }

    /// Something that could be better.
    public struct Issue: Sendable, Hashable {
        /// What it takes from.
        public var dimension: Dimension
        /// What it is, for people.
        public var message: String

        /// An issue from its parts.
        public init(_ dimension: Dimension, _ message: String) {
            self.dimension = dimension
            self.message = message
        }
    }

    /// The whole of it, 0 (bad) … 1 (good).
    public let score: Double
    /// What it is made of, in the scorer's order; each 0 … 1.
    ///
    /// What could not be judged is not there.
    public let dimensions: [(dimension: Dimension, score: Double)]
    /// What could be better, the gravest first.
    public let issues: [Issue]

    /// A score from its parts; numbers are brought into 0 … 1, what is not a number counts as 0.
    public init(score: Double, dimensions: [(dimension: Dimension, score: Double)], issues: [Issue] = []) {
        self.score = QualityScore.clamped(score)
        self.dimensions = dimensions.map { ($0.dimension, QualityScore.clamped($0.score)) }
        self.issues = issues
    }

    /// The score of a dimension; nil when it was not judged.
    public subscript(dimension: Dimension) -> Double? { dimensions.first { $0.dimension == dimension }?.score }

    private static func clamped(_ value: Double) -> Double { value.isNaN ? 0 : min(1, max(0, value)) }

    /// Whether both say the same.
    public static func == (one: QualityScore, other: QualityScore) -> Bool {
        one.score == other.score && one.issues == other.issues
            && one.dimensions.elementsEqual(other.dimensions) { $0 == $1 }
    }

    /// Hashes the score and the issues.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(score)
        hasher.combine(issues)
    }
}
