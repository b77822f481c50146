// swift-tools-version: 6.2

import PackageDescription

// Measures the package beside references, in one run:
//
//     swift run -c release --package-path Tests/Benchmarks benchmarks [--quick] [--json] [--filter TEXT]
//
// A suite is a file in Sources/benchmarks/Suites and a line in Sources/benchmarks/main.swift.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-agent-streams", path: "../..")
    ],
    targets: [
        .target(name: "CReference"),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "CReference",
                .product(name: "AgentKit", package: "swift-agent-streams"),
                .product(name: "ServerSentEvents", package: "swift-agent-streams"),
                .product(name: "StreamCore", package: "swift-agent-streams"),
            ],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]),
    ]
)
