import CReference

/// What came out of a comparison.
struct Result {
    struct Figure {
        var name: String
        /// Seconds of a run by the comparison's clock, the median of all rounds.
        var seconds: Double
        var allocations: Double
        /// Our speed over this one's: the median of the ratios within a round, which a noisy machine disturbs least.
        var ratio: Double?
        /// The ratio that is asked for, and that below which the run fails.
        var goal: Double?
        var floor: Double?
    }

    var suite: String
    var comparison: Comparison
    var figures: [Figure]
}

extension Comparison {
    /// Runs all contenders in turn, round by round, after a round that does not count.
    func measure(suite: String, rounds: Int) async -> Result {
        let contenders = [ours] + references
        var seconds: [[Double]] = Array(repeating: [], count: contenders.count)
        var allocations: [Double] = Array(repeating: 0, count: contenders.count)
        var sums: [Int] = []
        for round in 0...rounds * roundsEach {
            for (index, contender) in contenders.enumerated() {
                let before = reference_allocations()
                let start = clock()
                let outcome = await contender.run()
                let time = outcome.seconds ?? clock() - start
                let sum = outcome.sum
                allocations[index] = Double(reference_allocations() - before)
                if round == 0 { sums.append(sum) } else { seconds[index].append(time) }
                precondition(sum == sums[0], "\(name): \(contender.name) came to \(sum), \(ours.name) to \(sums[0])")
            }
        }
        await end()
        return Result(
            suite: suite, comparison: self,
            figures: contenders.indices.map { index in
                Result.Figure(
                    name: contenders[index].name, seconds: median(seconds[index]),
                    allocations: allocations[index] / Double(count),
                    ratio: index == 0 ? nil : median(zip(seconds[index], seconds[0]).map { $0 / $1 }),
                    goal: contenders[index].goal, floor: contenders[index].floor)
            })
    }
}

private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
