// swift-tools-version: 6.2

import PackageDescription

// Measures the package beside references, in one run:
//
//     swift run -c release --package-path Tests/Benchmarks benchmarks [--quick] [--json] [--filter TEXT]
//
// With `--traits Curl,AsyncHTTPClient` before the product's name these transports are measured too.
//
// A suite is a file in Sources/benchmarks/Suites and a line in Sources/benchmarks/main.swift.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    traits: [
        .trait(name: "Curl", description: "Measures CurlTransports"),
        .trait(name: "AsyncHTTPClient", description: "Measures AsyncHTTPClientTransports"),
    ],
    dependencies: [
        .package(
            name: "swift-agent-streams", path: "../..",
            traits: [
                .trait(name: "Curl", condition: .when(traits: ["Curl"])),
                .trait(name: "AsyncHTTPClient", condition: .when(traits: ["AsyncHTTPClient"])),
            ]),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.24.0"),
    ],
    targets: [
        .target(name: "CReference"),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "CReference",
                .product(name: "AgentKit", package: "swift-agent-streams"),
                .product(name: "DurableLog", package: "swift-agent-streams"),
                .product(name: "ProgressTracking", package: "swift-agent-streams"),
                .product(name: "ServerSentEvents", package: "swift-agent-streams"),
                .product(name: "StreamCore", package: "swift-agent-streams"),
                .product(name: "StreamDelivery", package: "swift-agent-streams"),
                .product(name: "AgentKitTesting", package: "swift-agent-streams"),
                .product(name: "StreamRecovery", package: "swift-agent-streams"),
                .product(name: "StreamTransport", package: "swift-agent-streams"),
                .product(name: "URLSessionTransports", package: "swift-agent-streams"),
                .product(name: "WireProtocols", package: "swift-agent-streams"),
                .product(
                    name: "CurlTransports", package: "swift-agent-streams", condition: .when(traits: ["Curl"])),
                .product(
                    name: "AsyncHTTPClientTransports", package: "swift-agent-streams",
                    condition: .when(traits: ["AsyncHTTPClient"])),
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["AsyncHTTPClient"])
                ),
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
