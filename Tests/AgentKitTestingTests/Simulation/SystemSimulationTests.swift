import AgentKitTesting
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct SystemSimulationTests {
    static let share: UInt64 = 100

    /// The seeds, in shares: SIMULATION_SEEDS=N tries N of them, SIMULATION_SEED=N only that one, to replay a failure.
    ///
    /// All of the ten thousand where the code is optimized, as in the gate's stage of that name.
    static let seeds: [Range<UInt64>] = {
        if let seed = number("SIMULATION_SEED") { return [seed..<seed + 1] }
        #if DEBUG
            let isOptimized = false
        #else
            let isOptimized = true
        #endif
        let isSanitized = getenv("SANITIZER") != nil
        let count = number("SIMULATION_SEEDS") ?? (isSanitized ? 30 : isOptimized ? 10_000 : 200)
        return stride(from: 0, to: max(1, count), by: Int(share)).map { $0..<min($0 + share, max(1, count)) }
    }()

    private static func number(_ variable: String) -> UInt64? {
        getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }

    private static var trace: (@Sendable (String) -> Void)? {
        guard getenv("SIMULATION_TRACE") != nil else { return nil }
        return { (text: String) in print(text) }
    }

    @Test(arguments: seeds)
    func theSystemKeepsItsContracts(_ seeds: Range<UInt64>) throws {
        for seed in seeds { try SystemSimulation(seed: seed, trace: Self.trace).run() }
    }

    @Test func storesOnAnotherMachineKeepThemToo() throws {
        for seed in Self.seeds.prefix(2).joined().prefix(50) {
            try SystemSimulation(seed: seed, trace: Self.trace) { SimulatedMemory($0) }.run()
        }
    }

    @Test func theSameSeedIsTheSameSimulation() throws {
        for seed in Self.seeds.joined().prefix(20) {
            let report = try SystemSimulation(seed: seed).run()
            #expect(try SystemSimulation(seed: seed).run() == report)
        }
    }
}
