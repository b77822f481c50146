import AgentKitTesting

/// What the scripted model writes on any brief, so that the site can be shown without a provider.
enum DemoCopy {
    /// The copy for a prompt that asks for a part of a section; nil for any other.
    static func answer(to prompt: String) -> ScriptedAnswer? {
        let brief = field("Brief: ", of: prompt)
        for assignment in PagePlan.assignments where assignment.prompt(brief: brief) == prompt {
            guard let text = copy(topic(of: brief))[assignment.agentID] else { return nil }
            return ScriptedAnswer(
                reasoning: "\(reasoning[assignment.part.name] ?? "") \(assignment.section.purpose)", text: text)
        }
        return nil
    }

    private static func field(_ name: String, of prompt: String) -> String {
        let start = prompt.ranges(of: "\n" + name).first?.upperBound ?? prompt.endIndex
        // A brief may have lines of its own; the purpose of the section follows.
        let rest = prompt[start...]
        return String(rest[..<(rest.ranges(of: "\nContext: ").last?.lowerBound ?? rest.endIndex)])
    }

    /// The brief in a few words, to be put into sentences.
    private static func topic(of brief: String) -> String {
        let words = brief.split(whereSeparator: \.isWhitespace).prefix(12).joined(separator: " ")
        let end = words.lastIndex { !".!?,;:".contains($0) }
        let topic = end.map { String(words[...$0]) } ?? words
        // "A bakery" becomes "a bakery"; a name stays as it is.
        for article in ["A ", "An ", "The "] where topic.hasPrefix(article) {
            return topic.prefix(1).lowercased() + topic.dropFirst()
        }
        return topic
    }

    private static let reasoning = [
        "headline": "One line has to carry it, so the plainest words win.",
        "subheadline": "It goes on from the headline and adds the one thing that it leaves open.",
        "body": "Two short paragraphs: first what changes for the reader, then why that can be believed.",
        "cta": "A button is a promise, therefore it should say what happens next.",
    ]

    private static func copy(_ topic: String) -> [String: String] {
        [
            "hero.headline": "Meet \(topic)",
            "hero.subheadline": "Made for people who would rather begin today than read about it tomorrow.",
            "hero.body":
                "You have had the idea for a long time. Now there is \(topic), and the idea has a place to go.\n\nNo "
                + "forms to fill in, no waiting for a call back. You look around, you like what you see, and you are "
                + "part of it before your coffee is cold. Everything else can wait, because the first step is small and "
                + "the second one follows by itself.",
            "hero.cta": "See it for yourself",
            "benefits.headline": "Less effort, more of what counts",
            "benefits.subheadline":
                "Dependability, transparency, approachability: characteristics that regulars unfailingly mention.",
            "benefits.body":
                "First, it simply works: you ask, and it is there. Second, it is honest. What you see is what you pay "
                + "for, down to the last cent, and nobody calls you twice.\n\nThird, it has a face. Behind \(topic) are "
                + "people who answer their own mail and who remember what you said last time. That is why nine out of "
                + "ten come back within a month, and why the tenth sends a friend.",
            "benefits.cta": "Find your favourite",
            "how.headline": "From curious to regular in three steps",
            "how.subheadline": "It takes a minute the first time, and no time at all after that.",
            "how.body":
                "Tell us what you need; one sentence is enough. We show you what fits, with the price beside it, and you "
                + "choose.\n\nThen \(topic) comes to you, when you want it and where you want it. If something is not "
                + "right, say so: we put it right the same day, because a promise is only worth something if it is kept "
                + "when it is hard to keep.",
            "how.cta": "Start with one sentence",
            "closing.headline": "Your turn",
            "closing.subheadline": "Whatever you decide, it costs nothing to look.",
            "closing.body":
                "You have read this far, so perhaps something in it has spoken to you. Maybe you could give it a try this week. "
                + "Bring a friend, ask the hard questions, and judge for yourself.\n\nIf \(topic) is not for you, we part "
                + "as friends. If it is, you might possibly wonder what took you so long, as most of us did.",
            "closing.cta": "Begin today",
        ]
    }
}
