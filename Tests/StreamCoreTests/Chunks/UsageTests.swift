import StreamCore
import Testing

@Suite struct UsageTests {
    @Test func usagesAddUp() {
        var usage = Usage(input: 10, cached: 4, cacheWritten: 2, output: 7, reasoning: 3)
        usage += Usage(input: 1, cached: 1, cacheWritten: 1, output: 1, reasoning: 1)
        #expect(usage == Usage(input: 11, cached: 5, cacheWritten: 3, output: 8, reasoning: 4))
        #expect(usage.total == 19)
        #expect(usage + .zero == usage)
    }

    @Test func aServersAbsurdFiguresDoNotTrap() {
        #expect((Usage(input: .max) + Usage(input: 1)).input == .max)
        #expect((Usage(output: .min) + Usage(output: -1)).output == .min)
        #expect(Usage(input: .max, output: .max).total == .max)
    }
}
