import StreamCore
import StreamRecovery

/// What the rounds came to.
struct Tally {
    private var rounds = 0
    private var kills: [String: Int] = [:]
    private var rungs: [String: Int] = [:]
    private var seams: [String: Int] = [:]
    private var races = 0
    private var refused = 0
    private var suspensions = 0
    private var refusedMeanwhile = 0

    /// How many processes were killed.
    var killCount: Int { kills.reduce(0) { $1.key == Tally.over ? $0 : $0 + $1.value } }

    private static let over = "after the end"
    private static let answer = "in the answer"
    private static let reasoning = "in the reasoning"

    /// A process that was to be killed.
    mutating func count(_ ending: Child.Ending, _ rung: RecoveryStrategy.Name?) {
        let last = ending.lines.last.flatMap { Sighting($0)?.description } ?? ""
        let place =
            if ending.status != nil { Tally.over } else if last.hasPrefix("content") {
                Tally.answer
            } else if last.hasPrefix("reasoning") { Tally.reasoning } else if last.hasPrefix("seam") {
                "after the seam"
            } else if last.hasPrefix("finish") { "before the exit" } else { "before anything was shown" }
        kills[place, default: 0] += 1
        if ending.status == nil { rungs[rung?.rawValue ?? "ladder", default: 0] += 1 }
    }

    /// A run that came to its end.
    mutating func count(_ run: Transcript.Run) {
        rounds += 1
        for seam in run.seams { seams[seam.strategy.rawValue, default: 0] += 1 }
    }

    /// Two that resumed at once.
    mutating func countRace(isRefused: Bool) {
        races += 1
        if isRefused { refused += 1 }
    }

    /// One that resumed while another was suspended.
    mutating func countSuspension(isRefused: Bool) {
        suspensions += 1
        if isRefused { refusedMeanwhile += 1 }
    }

    /// What never happened, and must for the proof to be one.
    var gaps: [String] {
        var gaps = Round.rungs.filter { seams[$0.rawValue, default: 0] == 0 }.map { "going on by \($0.rawValue)" }
        for place in [Tally.answer, Tally.reasoning] where kills[place, default: 0] == 0 {
            gaps.append("a kill \(place)")
        }
        if refused == 0 { gaps.append("a process that was refused as another one resumed the run") }
        if refusedMeanwhile == 0 { gaps.append("a process that was refused as a suspended one held the run") }
        return gaps
    }

    /// A few lines for people.
    func report(_ duration: Duration) -> String {
        """
        \(rounds) runs, \(killCount) processes killed in \(Int(duration / .seconds(1))) s
          where: \(list(kills))
          asked for: \(list(rungs))
          went on by: \(list(seams))
          two at once: \(races), of which one was refused in \(refused)
          one while another was suspended: \(suspensions), refused in \(refusedMeanwhile)
        """
    }

    private func list(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", ")
    }
}
