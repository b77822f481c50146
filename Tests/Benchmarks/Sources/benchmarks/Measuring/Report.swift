extension Result {
    private func perSecond(_ figure: Figure) -> Double { Double(comparison.count) / figure.seconds }

    /// The lines of the table: ours, and under it each reference with our ratio to it.
    var lines: [String] {
        figures.enumerated().map { index, figure in
            let speed = perSecond(figure)
            let cells = [
                padded(index == 0 ? comparison.name : "", 40), padded(figure.name, 26),
                leading(decimal(speed / 1e6, 3), 9),
                leading(comparison.bytes == 0 ? "" : decimal(Double(comparison.bytes) / figure.seconds / 1e6, 0), 7),
                leading(decimal(1e9 / speed, 1), 8), leading(decimal(figure.allocations, 2), 7),
                leading(figure.ratio.map { decimal($0, 2) } ?? "", 7),
                asked(figure, isOurs: index == 0),
            ]
            return cells.joined(separator: " ")
        }
    }

    private func asked(_ figure: Figure, isOurs: Bool) -> String {
        if isOurs { return comparison.limit.map { "  (asked: below \(decimal($0, 0)) ns)" } ?? "" }
        return figure.goal.map { "  (asked: \(decimal($0, 2)))" } ?? ""
    }

    /// What failed, a line each: ratios below a floor.
    var failures: [String] {
        figures.compactMap { figure in
            guard let floor = figure.floor, let ratio = figure.ratio, ratio < floor else { return nil }
            return "\(suite): \(comparison.name): \(decimal(ratio, 2)) times \(figure.name), below \(decimal(floor, 2))"
        }
    }

    static let heading = [
        padded("", 40), padded("", 26), leading("M/s", 9), leading("MB/s", 7), leading("ns each", 8),
        leading("allocs", 7), leading("ratio", 7),
    ].joined(separator: " ")

    /// One JSON object on one line.
    var json: String {
        let figures = figures.map { figure in
            var fields = [
                "\"name\":\"\(figure.name)\"", "\"perSecond\":\(decimal(perSecond(figure), 0))",
                "\"nanosecondsEach\":\(decimal(1e9 / perSecond(figure), 2))",
                "\"allocationsEach\":\(decimal(figure.allocations, 3))",
            ]
            if comparison.bytes > 0 {
                fields.append("\"megabytesPerSecond\":\(decimal(Double(comparison.bytes) / figure.seconds / 1e6, 1))")
            }
            if let goal = figure.goal { fields.append("\"goal\":\(decimal(goal, 2))") }
            if let ratio = figure.ratio { fields.append("\"ratio\":\(decimal(ratio, 3))") }
            return "{\(fields.joined(separator: ","))}"
        }
        let limit = comparison.limit.map { "\(decimal($0, 0))" } ?? "null"
        return
            "{\"suite\":\"\(suite)\",\"name\":\"\(comparison.name)\",\"unit\":\"\(comparison.unit)\",\"limit\":\(limit),"
            + "\"ours\":\(figures[0]),\"references\":[\(figures.dropFirst().joined(separator: ","))]}"
    }
}

/// A number with so many decimals; Foundation's formats are not worth importing it.
private func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "0" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((value * scale).rounded())
    guard places > 0 else { return "\(scaled)" }
    let digits = String(scaled.magnitude)
    let zeros = String(repeating: "0", count: max(0, places + 1 - digits.count))
    let all = zeros + digits
    return (scaled < 0 ? "-" : "") + all.dropLast(places) + "." + all.suffix(places)
}

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

private func leading(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}
