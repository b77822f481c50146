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
    static let share: UInt64 = 25

    /// The seeds, in shares; with CRASH_SEED=N in the environment only that one, to replay a failure.
    static let seeds: [Range<UInt64>] = {
        if let text = getenv("CRASH_SEED"), let seed = UInt64(String(cString: text)) { return [seed..<seed + 1] }
        return stride(from: 0, to: 300, by: Int(share)).map { UInt64($0)..<(UInt64($0) + share) }
    }()

    @Test(arguments: seeds)
    func whatOpensAfterACrashIsAPrefixWithAllThatWasSynced(_ seeds: Range<UInt64>) async throws {
        for seed in seeds { try await CrashSimulation(seed: seed).run() }
    }

    @Test(arguments: seeds)
    func soItIsWhenTheFileSystemFailsOnTheWay(_ seeds: Range<UInt64>) async throws {
        for seed in seeds { try await CrashSimulation(seed: seed, hasFaults: true).run() }
    }
}
