import AgentKit
import Foundation
import ProgressTracking
import StreamCore

/// What `page` shows: the project's progress with a bar for each agent and the page below it, plain lines when piped, or one chunk per line.
struct PageScreen {
    private static let barWidth = 24
    private static let interval = Duration.milliseconds(50)

    private let isJSON: Bool
    private let start: ContinuousClock.Instant
    private let parts: [String]
    private var texts: [String: String] = [:]
    private var estimator = ProjectEstimator()
    private var lastDrawn: ContinuousClock.Instant?
    private let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private var drawsBars: Bool { Terminal.isInteractive && !isJSON }

    init(parts: [String], isJSON: Bool, start: ContinuousClock.Instant) {
        self.parts = parts
        self.isJSON = isJSON
        self.start = start
    }

    func open() {
        if drawsBars { Terminal.write(String(repeating: "\n", count: parts.count + 1)) }
    }

    /// Shows a piece of a part, where nobody looks at bars.
    mutating func take(_ chunk: ContentChunk) throws {
        if isJSON { return Terminal.write(Array(try encoder.encode(chunk)) + [UInt8(ascii: "\n")]) }
        texts[chunk.part, default: ""] += chunk.content
        if chunk.mark == .finished, !drawsBars { Terminal.write("\(chunk.part): \(texts[chunk.part] ?? "")\n") }
    }

    /// Whether to look at the project's progress after a piece: when a part began or ended, and some times a second.
    mutating func isDue(_ chunk: ContentChunk, now: ContinuousClock.Instant) -> Bool {
        if isJSON { return false }
        guard chunk.mark != nil || lastDrawn.map({ now - $0 > Self.interval }) ?? true else { return false }
        lastDrawn = now
        return true
    }

    /// Shows how far the project is after a piece of a part; where lines stay, after each part only.
    mutating func show(_ project: ProjectProgress, after chunk: ContentChunk, now: ContinuousClock.Instant) {
        let line = summary(of: project, now: now)
        if drawsBars { draw(project, line) } else if chunk.mark == .finished { Terminal.note("page: \(line)") }
    }

    /// Shows the page as far as it was written, and what it took.
    mutating func close(_ project: ProjectProgress, now: ContinuousClock.Instant) {
        if isJSON { return }
        let line = summary(of: project, now: now) + " · \(((now - start) / .seconds(1)).rounded(places: 1)) s"
        guard drawsBars else { return Terminal.note("page: \(line)") }
        draw(project, line)
        for part in parts {
            guard let text = texts[part], !text.isEmpty else { continue }
            Terminal.write("\n\(part == "headline" ? Terminal.bold(text) : text)\n")
        }
    }

    // The project in a line: how much is done, of how many agents, what it took so far, and how long it will still take.
    private mutating func summary(of project: ProjectProgress, now: ContinuousClock.Instant) -> String {
        let ended = project.agents.count { $0.status.isTerminal }
        var words = [
            "\(Int(project.percentage)) %", project.status.rawValue, "\(ended) of \(parts.count) parts",
            "\(project.tokensUsed) tokens",
        ]
        if let cost = project.cost { words.append(cost.label + (project.isCostPartial ? " and more" : "")) }
        estimator.update(project, at: now - start)
        // The agents' own word where each has one; the pace of the whole while some wait for their turn.
        let own = AgentConfiguration.systemTime().flatMap { project.estimatedTimeRemaining(at: $0) }
        if let rest = own ?? estimator.estimate(at: now - start) { words.append(rest.label) }
        return words.joined(separator: " · ")
    }

    private func draw(_ project: ProjectProgress, _ line: String) {
        var frame = "\u{1B}[\(parts.count + 1)A"
        for part in parts {
            let agent = project.agents.first { $0.agentID == part }
            let fraction = (agent?.percentage ?? 0) / 100
            let filled = Int((fraction * Double(Self.barWidth)).rounded(.down))
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
            let isOpen = agent.map { $0.status == .running } ?? false
            let state = isOpen ? "\(Int(fraction * 100)) %" : agent?.status.rawValue ?? "queued"
            frame += "\r\u{1B}[2K\(part.padding(toLength: 12, withPad: " ", startingAt: 0)) \(bar) \(state)\n"
        }
        frame += "\r\u{1B}[2K\(Terminal.dim(String(line.prefix(Terminal.size.columns - 1))))\n"
        Terminal.write(frame)
    }
}

extension TimeEstimate {
    /// The time that is left as people write it, with its range.
    var label: String {
        "\(TimeEstimate.seconds(expected)) s left (\(TimeEstimate.seconds(low)) … \(TimeEstimate.seconds(high)))"
    }

    private static func seconds(_ duration: Duration) -> Double {
        let seconds = duration / .seconds(1)
        return seconds < 10 ? seconds.rounded(places: 1) : seconds.rounded()
    }
}
