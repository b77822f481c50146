import AgentKit
import StreamCore

/// What is known of a run so far, for the status line.
struct Statistics {
    private let start: ContinuousClock.Instant
    private let prices: Prices
    private var pieces = 0
    private var usage: Usage?
    private var confidence: Confidence?
    private var firstPiece: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant

    init(start: ContinuousClock.Instant, prices: Prices) {
        self.start = start
        self.prices = prices
        last = start
    }

    /// Takes note of a chunk.
    mutating func add(_ chunk: AgentChunk, now: ContinuousClock.Instant) {
        last = now
        switch chunk.payload {
        case .content, .reasoning, .toolInput:
            pieces += 1
            if firstPiece == nil { firstPiece = now }
        // A run that was interrupted may never hear from its provider what it used.
        case .usage(let usage): if usage.total > 0 { self.usage = usage }
        default: break
        }
        if let confidence = chunk.confidence { self.confidence = confidence }
    }

    /// Whether the model has written anything.
    var hasBegun: Bool { pieces > 0 }

    /// One line: tokens, tokens a second, seconds, cost and confidence, as far as they are known.
    var line: String {
        // Until the provider counts, a piece stands for a token, which is how providers stream.
        let tokens = usage.map(\.output) ?? pieces
        var parts = [usage == nil ? "~\(tokens) tokens" : "\(tokens) tokens (\(usage?.input ?? 0) in)"]
        if let firstPiece, last > firstPiece {
            parts.append("\(((Double(tokens) / seconds(last - firstPiece))).rounded(places: 1)) tokens/s")
        }
        if let firstPiece { parts.append("first after \(seconds(firstPiece - start).rounded(places: 2)) s") }
        parts.append("\(seconds(last - start).rounded(places: 1)) s")
        if let usage, let cost = prices.label(for: usage) { parts.append(cost) }
        if let confidence {
            parts.append("confidence \(confidence.value.rounded(places: 2)) (\(confidence.source.rawValue))")
        }
        return parts.joined(separator: " · ")
    }

    private func seconds(_ duration: Duration) -> Double {
        duration / .seconds(1)
    }
}

extension Double {
    /// The number cut to some decimal places, for people.
    func rounded(places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
