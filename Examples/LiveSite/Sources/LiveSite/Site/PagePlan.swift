import AgentKit
import StreamCore

/// What a page consists of: sections, of each of which agents write the parts at the same time.
struct PagePlan: Sendable {
    /// A section of the page.
    struct Section: Sendable {
        /// Its name in the ids of its agents.
        let id: String
        let title: String
        /// What it is there for, which its writers are told.
        let purpose: String
    }

    /// A part of a section: the work of one agent, in one run.
    struct Assignment: Sendable {
        let section: Section
        let part: ContentPart

        /// The agent's name in the project, and its run's.
        var agentID: String { "\(section.id).\(part.name)" }

        /// What the model is asked.
        func prompt(brief: String) -> String {
            part.prompt(for: ContentSection(title: section.title, brief: brief, context: section.purpose))
        }
    }

    let brief: String

    /// The sections of every page, from the top.
    static let sections = [
        Section(id: "hero", title: "Hero", purpose: "The first screen of a page: what this is, and why to read on."),
        Section(id: "benefits", title: "Benefits", purpose: "What visitors get out of it, in their own words."),
        Section(id: "how", title: "How it works", purpose: "The way from curiosity to using it, in a few steps."),
        Section(id: "closing", title: "Get started", purpose: "The end of the page: one thing to do now."),
    ]

    /// All that is to be written, in the order of the page.
    static let assignments = sections.flatMap { section in
        ContentPart.standard.map { Assignment(section: section, part: $0) }
    }

    /// The first event of a page's stream: from it, a reader knows what will be there, and a server that begins anew what was asked.
    static let eventType = StreamEvent.EventType(rawValue: "site:plan")

    /// The plan as that event.
    func event(of project: StreamID) -> StreamEvent {
        let sections = PagePlan.sections.map { section in
            let agents = PagePlan.assignments.filter { $0.section.id == section.id }.map { assignment in
                [
                    "agentId": .string(assignment.agentID), "part": .string(assignment.part.name),
                    "weight": .number(Double(assignment.part.expectedTokens)),
                ] as JSONValue
            }
            return ["id": .string(section.id), "title": .string(section.title), "agents": .array(agents)] as JSONValue
        }
        let plan: JSONValue = [
            "projectId": .string(project.description), "type": "plan", "brief": .string(brief),
            "sections": .array(sections),
        ]
        return StreamEvent(type: PagePlan.eventType, payload: Array(plan.jsonString.utf8))
    }

    init(brief: String) {
        self.brief = brief
    }

    /// The plan that an event tells; nil for another event.
    init?(_ event: StreamEvent) {
        guard event.type == PagePlan.eventType, let plan = try? JSONValue(parsing: event.payload),
            let brief = plan["brief"]?.stringValue
        else { return nil }
        self.init(brief: brief)
    }
}
