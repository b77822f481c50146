import AgentKit
public import StreamCore
import StreamRecovery

extension ScriptedModel {
    /// A model that has an answer to everything, the same each time: what a program shows before it has a provider.
    ///
    /// The answer is a few sentences after some reasoning; to the prompt `test` it begins "This is a test response". A
    /// ``/AgentKit/ContentGenerator``'s prompts are answered with a part of a page. An answer that broke is continued where it was cut, in another process
    /// too: after a prefill, by a message that asks to go on, or by a cursor, whose response is named after its prompt.
    ///
    /// - Parameters:
    ///   - capabilities: What the model says that it can do.
    ///   - clock: The clock of delays.
    ///   - tokenDelay: How long a token takes.
    ///   - answer: What is answered to a prompt in place of the built-in answer, the same each time; nil where the built-in one will do.
    public static func demo(
        capabilities: ModelCapabilities = defaultCapabilities, clock: any Clock<Duration> = ContinuousClock(),
        tokenDelay: Duration = .milliseconds(25),
        answer: @escaping @Sendable (_ prompt: String) -> ScriptedAnswer? = { _ in nil }
    ) -> ScriptedModel {
        ScriptedModel(
            name: "scripted-demo", capabilities: capabilities, clock: clock, tokenDelay: tokenDelay,
            // An event and its cursor come together, as they do from a provider.
            batchSize: capabilities.contains(.backgroundResume) ? 2 : 1,
            kept: { id in DemoScript(responseID: id, answer)?.generation }
        ) { request in
            DemoScript(request.messages, answer).generation
        }
    }
}

/// What the demonstration model says to a prompt.
public struct ScriptedAnswer: Sendable, Hashable {
    /// What it thinks first; may be empty.
    public var reasoning: String
    /// What it writes.
    public var text: String

    /// An answer from its parts.
    public init(reasoning: String = "", text: String) {
        self.reasoning = reasoning
        self.text = text
    }
}

/// Writes what the demonstration model says to a prompt.
struct DemoScript {
    let prompt: String
    private let answers: @Sendable (String) -> ScriptedAnswer?
    /// What of the answer is there already, when it is to be continued.
    var written = ""

    init(prompt: String, _ answers: @escaping @Sendable (String) -> ScriptedAnswer?) {
        self.prompt = prompt
        self.answers = answers
    }

    /// What is said to a conversation; one whose prompt has the beginning of its answer after it is continued.
    init(_ messages: [Message], _ answers: @escaping @Sendable (String) -> ScriptedAnswer?) {
        let last = messages.last { $0.role == .user }?.text ?? ""
        // A message that asks to go on is no prompt of its own: the one before the answer is. Any other message after an answer is.
        if let start = messages.lastIndex(where: { $0.role == .assistant }), start > 0,
            messages[start - 1].role == .user,
            messages[(start + 1)...].allSatisfy({ $0.text == RecoveryStrategy.continuationMessage })
        {
            let earlier = DemoScript(prompt: messages[start - 1].text, answers)
            if !messages[start].text.isEmpty, earlier.script.text.hasPrefix(messages[start].text) {
                self = earlier
                written = messages[start].text
                return
            }
        }
        self.init(prompt: last, answers)
    }

    /// The response of this name, or nil when it is none of the demonstration's.
    init?(responseID: String, _ answers: @escaping @Sendable (String) -> ScriptedAnswer?) {
        guard responseID.hasPrefix(DemoScript.idPrefix) else { return nil }
        var bytes: [UInt8] = []
        var digits = responseID.dropFirst(DemoScript.idPrefix.count)
        while !digits.isEmpty {
            guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        self.init(prompt: String(decoding: bytes, as: UTF8.self), answers)
    }

    private static let idPrefix = "demo-"

    // The prompt itself, so that another process has the same response under the name.
    private var responseID: String {
        DemoScript.idPrefix + prompt.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private var script: (reasoning: String, text: String) {
        answers(prompt).map { ($0.reasoning, $0.text) } ?? part ?? answer
    }

    /// The response, with plausible figures of usage.
    var generation: ScriptedGeneration {
        let (reasoning, whole) = script
        let text = String(whole.dropFirst(written.count))
        guard written.isEmpty else {
            let usage = Usage(
                input: TokenSplitter.tokens(of: prompt + written).count, output: TokenSplitter.tokens(of: text).count)
            return ScriptedGeneration([.text(text)], usage: usage)
        }
        let usage = Usage(
            input: TokenSplitter.tokens(of: prompt).count,
            output: TokenSplitter.tokens(of: reasoning).count + TokenSplitter.tokens(of: text).count,
            reasoning: TokenSplitter.tokens(of: reasoning).count)
        var generation = ScriptedGeneration(
            reasoning.isEmpty ? [.text(text)] : [.reasoning(reasoning), .text(text)], usage: usage)
        generation.responseID = responseID
        return generation
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
