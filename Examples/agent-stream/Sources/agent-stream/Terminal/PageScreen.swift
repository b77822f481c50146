import AgentKit
import Foundation
import StreamCore

/// What `page` shows: a bar for each part and the page below it, plain lines when piped, or one chunk per line.
struct PageScreen {
    private struct Part {
        let name: String
        var text = ""
        var usage: Usage?
        var isStarted = false
        var isFinished = false

        // How many characters such a part has as a rule: a bar needs an end to go to before it is known.
        var expectedLength: Double {
            switch name {
            case "headline": 50
            case "subheadline": 120
            case "cta": 25
            default: 900
            }
        }

        var fraction: Double {
            isFinished ? 1 : min(0.95, Double(text.count) / expectedLength)
        }
    }

    private static let barWidth = 24

    private let isJSON: Bool
    private let prices: Prices
    private let start: ContinuousClock.Instant
    private var parts: [Part]
    private var lastDrawn: ContinuousClock.Instant?
    private let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private var drawsBars: Bool { Terminal.isInteractive && !isJSON }

    init(parts: [String], isJSON: Bool, prices: Prices, start: ContinuousClock.Instant) {
        self.isJSON = isJSON
        self.prices = prices
        self.start = start
        self.parts = parts.map { Part(name: $0) }
    }

    func open() {
        if drawsBars { Terminal.write(String(repeating: "\n", count: parts.count)) }
    }

    /// Shows a piece of a part.
    mutating func show(_ chunk: ContentChunk, now: ContinuousClock.Instant) throws {
        if isJSON { return Terminal.write(Array(try encoder.encode(chunk)) + [UInt8(ascii: "\n")]) }
        guard let index = parts.firstIndex(where: { $0.name == chunk.part }) else { return }
        parts[index].text += chunk.content
        switch chunk.mark {
        case .started: parts[index].isStarted = true
        case .finished:
            parts[index].isFinished = true
            parts[index].usage = chunk.metadata.usage
            if !drawsBars { Terminal.write("\(chunk.part): \(parts[index].text)\n") }
        case nil: break
        }
        if drawsBars, chunk.mark != nil || lastDrawn.map({ now - $0 > .milliseconds(50) }) ?? true {
            lastDrawn = now
            drawBars()
        }
    }

    /// Shows the page as far as it was written, and what it took.
    func close(now: ContinuousClock.Instant) {
        if isJSON { return }
        if drawsBars {
            drawBars()
            for part in parts where !part.text.isEmpty {
                Terminal.write("\n\(part.name == "headline" ? Terminal.bold(part.text) : part.text)\n")
            }
        }
        let usage = parts.compactMap(\.usage).reduce(.zero, +)
        var summary =
            "\(usage.output) tokens (\(usage.input) in) · \(((now - start) / .seconds(1)).rounded(places: 1)) s"
        if let cost = prices.label(for: usage) { summary += " · \(cost)" }
        Terminal.note(Terminal.dim(summary))
    }

    private func drawBars() {
        var frame = "\u{1B}[\(parts.count)A"
        for part in parts {
            let filled = Int((part.fraction * Double(Self.barWidth)).rounded(.down))
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
            let state = part.isFinished ? "done" : part.isStarted ? "\(Int(part.fraction * 100)) %" : "waiting"
            let name = part.name.padding(toLength: 12, withPad: " ", startingAt: 0)
            frame += "\r\u{1B}[2K\(name) \(bar) \(state)\n"
        }
        Terminal.write(frame)
    }
}
