import StreamCore

extension [ProgressPoint] {
    /// At most `count` of the points, in their order, that draw the same line: the first, the last, and of each of
    /// equally long stretches of time the lowest and the highest.
    ///
    /// This is the min/max half of M4 (Jugel, Jerzak, Hackenbroich, Markl: "M4: A Visualization-Oriented Time Series Data
    /// Aggregation", VLDB 2014). Every extreme is kept from 4 points on; of 3 there is the first, the last and the overall
    /// highest; of 2 the first and the last; of 1 the last. Points whose times are out of order are sorted into their stretch by their time.
    public func downsampled(to count: Int) -> [ProgressPoint] {
        guard self.count > count else { return self }
        guard count > 0, let last else { return [] }
        if count == 1 { return [last] }
        var kept: Set<Int> = [0, self.count - 1]
        if count == 3 {
            if let highest = inner.max(by: { self[$0].percentage < self[$1].percentage }) { kept.insert(highest) }
        } else {
            for (lowest, highest) in extremes(stretches: (count - 2) / 2) {
                kept.insert(lowest)
                kept.insert(highest)
            }
        }
        return kept.sorted().map { self[$0] }
    }

    private var inner: Range<Int> { 1..<count - 1 }

    // The positions of the lowest and the highest point of each stretch of time in which there is one; between the first and the last point.
    private func extremes(stretches: Int) -> [(lowest: Int, highest: Int)] {
        guard stretches > 0 else { return [] }
        let times = self[inner].map { Double($0.timestamp.millisecondsSince1970) }
        let start = times.min() ?? 0
        let width = ((times.max() ?? 0) - start) / Double(stretches)
        var found = [(lowest: Int, highest: Int)?](repeating: nil, count: stretches)
        for (position, time) in zip(inner, times) {
            let stretch = width > 0 ? Swift.min(stretches - 1, Int((time - start) / width)) : 0
            guard let known = found[stretch] else {
                found[stretch] = (position, position)
                continue
            }
            if self[position].percentage < self[known.lowest].percentage { found[stretch]?.lowest = position }
            if self[position].percentage > self[known.highest].percentage { found[stretch]?.highest = position }
        }
        return found.compactMap(\.self)
    }
}
