/// Which tools may run again although they had begun before and it is not known what came of it: the host's approval.
///
/// A tool whose result is recorded never runs again; this is about a call that had begun when its process was gone, and about hosted tools of a response that is asked for anew.
public struct ToolReruns: Sendable, Hashable {
    private enum Rule: Hashable {
        case never, ask, always
    }

    private let rule: Rule
    private let names: Set<String>

    /// None may, and the host is not asked.
    public static let never = ToolReruns(rule: .never, names: [])
    /// The host is asked for each call of its own tools; a hosted tool needs an approval in the situation.
    public static let ask = ToolReruns(rule: .ask, names: [])
    /// All may.
    public static let always = ToolReruns(rule: .always, names: [])

    /// These may, since they change nothing or notice that they are called twice; for the others the host is not asked.
    public static func only(_ names: Set<String>) -> ToolReruns {
        ToolReruns(rule: .never, names: names)
    }

    /// These may; for the others the host is asked.
    public static func askUnless(_ names: Set<String>) -> ToolReruns {
        ToolReruns(rule: .ask, names: names)
    }

    /// Whether a tool may run again without asking.
    public func allows(_ tool: String) -> Bool {
        rule == .always || names.contains(tool)
    }

    var asks: Bool { rule == .ask }
}
