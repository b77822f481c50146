import AgentKit
import StreamCore

extension ScriptedModel {
    /// A model that has an answer to everything, the same each time: what a program shows before it has a provider.
    ///
    /// The answer is a few sentences after some reasoning; to the prompt `test` it begins "This is a test response". A
    /// ``/AgentKit/ContentGenerator``'s prompts are answered with a part of a page.
    ///
    /// - Parameters:
    ///   - clock: The clock of delays.
    ///   - tokenDelay: How long a token takes.
    public static func demo(
        clock: any Clock<Duration> = ContinuousClock(), tokenDelay: Duration = .milliseconds(25)
    ) -> ScriptedModel {
        ScriptedModel(name: "scripted-demo", clock: clock, tokenDelay: tokenDelay) { request in
            DemoScript(prompt: request.messages.last { $0.role == .user }?.text ?? "").generation
        }
    }
}

/// Writes what the demonstration model says to a prompt.
struct DemoScript {
    let prompt: String

    /// The whole response, with plausible figures of usage.
    var generation: ScriptedGeneration {
        let (reasoning, text) = part ?? answer
        let usage = Usage(
            input: TokenSplitter.tokens(of: prompt).count,
            output: TokenSplitter.tokens(of: reasoning).count + TokenSplitter.tokens(of: text).count,
            reasoning: TokenSplitter.tokens(of: reasoning).count)
        return ScriptedGeneration([.reasoning(reasoning), .text(text)], usage: usage)
    }

    private var answer: (reasoning: String, text: String) {
        let words = prompt.split(whereSeparator: \.isWhitespace)
        let isShort = !words.isEmpty && words.count <= 3 && prompt.count <= 40
        let kind = isShort ? words.joined(separator: " ") : "scripted"
        let quote = DemoScript.shortened(prompt)
        let opening = "This is a \(kind) response from the model that comes with the package"
        let sentences = [
            "Each word arrives by itself, because a stream hands out what is there and waits for nothing else.",
            "It needs neither a key nor a network, since the script is chosen by the prompt alone.",
            "The same prompt gives the same words tomorrow, therefore tests can rely on them.",
            "Put a real provider in its place and nothing else in your program has to change.",
            "What you see here travels through the same agent, the same chunks and the same hooks as any other answer.",
        ]
        let first = Int(DemoScript.hash(prompt) % UInt64(sentences.count))
        let chosen = (0..<3).map { sentences[(first + $0) % sentences.count] }
        return (
            "The prompt reads “\(quote)”. No knowledge is needed here, so a few plain sentences will do.",
            ([opening + (isShort ? "." : ", to “\(quote)”.")] + chosen).joined(separator: " ")
        )
    }

    // A part of a page, when the prompt is a content generator's.
    private var part: (reasoning: String, text: String)? {
        let lines = prompt.split(separator: "\n")
        guard let last = lines.last(where: { $0.hasPrefix(ContentPart.requestPrefix) }) else { return nil }
        let name = last.dropFirst(ContentPart.requestPrefix.count).prefix { $0.isLetter || $0 == "-" || $0 == "_" }
        let title =
            lines.first { $0.hasPrefix(ContentSection.titlePrefix) }
            .map { String($0.dropFirst(ContentSection.titlePrefix.count)) } ?? "this"
        let topic = DemoScript.shortened(title)
        let text =
            switch name {
            case "headline": "\(topic), word by word"
            case "subheadline": "See it come to life while it is still being written, because waiting is the slow part."
            case "body":
                "Visitors of \(topic) should not look at an empty page. Here every sentence appears as soon as it "
                    + "exists, and whoever comes late reads on from where the others are. Nothing is lost on the way, "
                    + "therefore nothing has to be asked for twice.\n\nIt works on one small machine and on many large "
                    + "ones, with the same few lines of code."
            case "cta": "Try \(topic) now"
            default: "A few words on \(topic), for the part named \(name)."
            }
        return ("The part named \(name) is asked for; it should fit \(topic) and be short.", text)
    }

    private static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= 60 ? line : String(line.prefix(59)) + "…"
    }

    // FNV-1a, 64 bits: the standard library's hash differs from run to run.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
