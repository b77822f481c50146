import CReference

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

let suites = [
    eventStreamParsing,
    modelEventDecoding,
    agentOverhead,
    reasoningExtraction,
    cursors,
    fanOut,
    appending,
    transports,
]

if CommandLine.arguments.dropFirst() == ["--serve"] {
    await BenchmarkServer.serve()
    exit(0)
}

var scale = Scale.full
var printsJSON = false
var filter = ""
var skipsReferences = false
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--quick": scale = .quick
    case "--json": printsJSON = true
    case "--ours": skipsReferences = true
    case "--filter": filter = arguments.popFirst() ?? ""
    case "--directory": ScratchFolder.parent = arguments.popFirst() ?? ScratchFolder.parent
    default:
        print(
            """
            usage: benchmarks [--quick] [--json] [--ours] [--filter TEXT] [--directory DIR]
              --quick          little data and few rounds: shows that everything runs
              --json           one JSON object per comparison instead of the table
              --ours           without the references: for profilers
              --filter TEXT    only comparisons whose `suite: name` has this text in it
              --directory DIR  where files are made that are appended to; beside this program by default
            """)
        exit(argument == "--help" ? 0 : 64)
    }
}

if !reference_is_optimized(), !printsJSON {
    print("Built without optimisation: figures mean nothing. Use swift run -c release.")
}
if !printsJSON { print(Result.heading) }
var failures: [String] = []
for suite in suites {
    for comparison in suite.comparisons(scale)
    where filter.isEmpty || "\(suite.name): \(comparison.name)".contains(filter) {
        var comparison = comparison
        if skipsReferences { comparison.references = [] }
        let result = await comparison.measure(suite: suite.name, rounds: scale.rounds)
        for line in printsJSON ? [result.json] : result.lines { print(line) }
        failures += result.failures
    }
}
ScratchFolder.remove()
for failure in failures { print("FAILED", failure) }
exit(failures.isEmpty ? 0 : 1)
