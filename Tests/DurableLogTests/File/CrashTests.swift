import AgentKitTesting
import DurableLog
import StreamCore
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct CrashTests {
    static let share: UInt64 = 10

    /// The seeds, in shares: CRASH_SEEDS=N tries N of them, CRASH_SEED=N only that one, to replay a failure.
    static let seeds: [Range<UInt64>] = {
        if let seed = number("CRASH_SEED") { return [seed..<seed + 1] }
        // A sanitizer takes ten times as long for each.
        let count = number("CRASH_SEEDS") ?? (getenv("SANITIZER") == nil ? 60 : 10)
        return stride(from: 0, to: max(1, count), by: Int(share)).map { $0..<($0 + share) }
    }()

    private static func number(_ variable: String) -> UInt64? {
        getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }

    @Test(arguments: seeds)
    func whatOpensAfterACrashIsAPrefixWithAllThatWasSynced(_ seeds: Range<UInt64>) async throws {
        for seed in seeds { try await CrashSimulation(seed: seed).run() }
    }

    @Test(arguments: seeds)
    func soItIsWhenTheFileSystemFailsOnTheWay(_ seeds: Range<UInt64>) async throws {
        for seed in seeds { try await CrashSimulation(seed: seed, hasFaults: true).run() }
    }
}
