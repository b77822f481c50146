/// A rung of the recovery ladder: a name, and a rule that looks at a situation and says what to do, or that it does not apply.
///
/// Rungs are values: a host reorders them, leaves some out, and adds its own.
///
///     let patient = RecoveryStrategy("shrug") { situation in
///         situation.emitted.isEmpty ? RecoveryPlan(.same) : nil
///     }
///     let manager = RecoveryManager(ladder: [patient] + RecoveryStrategy.ladder)
///
/// The manager holds every plan to the rules that keep a run whole, whoever made it; a plan that breaks one counts as not applicable:
/// - each emitted block is kept or dropped, once;
/// - an open tool call or open reasoning is never kept;
/// - a block whose tool has run is dropped only with the host's approval, unless the provider itself sends it again (`resume`);
/// - the same request once more keeps nothing.
public struct RecoveryStrategy: Sendable {
    /// A rung's name, as it stands in seams, as an open-ended code.
    public struct Name: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
        /// The name, in lower case.
        public let rawValue: String

        /// A name from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A name from its text.
        public init(stringLiteral text: String) {
            self.init(rawValue: text)
        }

        /// The name.
        public var description: String { rawValue }

        /// The provider goes on where it was: ``RecoveryStrategy/providerCursor``.
        public static let cursor: Name = "cursor"
        /// The same request once more: ``RecoveryStrategy/plainRetry``.
        public static let retry: Name = "retry"
        /// The model continues its own text: ``RecoveryStrategy/prefill``.
        public static let prefill: Name = "prefill"
        /// The model is asked to go on: ``RecoveryStrategy/continuation(message:includesOpenText:overlap:)``.
        public static let continuation: Name = "continue"
        /// The answer starts anew: ``RecoveryStrategy/restart``.
        public static let restart: Name = "restart"
    }

    /// The rung's name; unique in a ladder.
    public let name: Name

    private let rule: @Sendable (RecoverySituation) -> RecoveryPlan?

    /// A rung from its rule, which returns nil where it does not apply; a pure function, asked once per decision and route.
    public init(_ name: Name, plan: @escaping @Sendable (RecoverySituation) -> RecoveryPlan?) {
        self.name = name
        rule = plan
    }

    /// What the rung would do, or nil where it does not apply.
    public func plan(for situation: RecoverySituation) -> RecoveryPlan? {
        rule(situation)
    }

    /// The five rungs of the package, the best first.
    public static let ladder: [RecoveryStrategy] = [
        .providerCursor, .plainRetry, .prefill, .continuation(), .restart,
    ]
}
