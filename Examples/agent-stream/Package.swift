// swift-tools-version: 6.2

import PackageDescription

// Without traits only the argument parser is fetched, and `--transport urlsession` is what there is. Each trait builds one more in:
//
//     swift run --package-path Examples/agent-stream --traits AsyncHTTPClient agent-stream run "hello" --transport async-http-client
let package = Package(
    name: "agent-stream",
    platforms: [.macOS(.v15)],
    traits: [
        .default(enabledTraits: []),
        .trait(name: "Curl", description: "--transport curl (system package libcurl4-openssl-dev)"),
        .trait(name: "AsyncHTTPClient", description: "--transport async-http-client (system package zlib1g-dev)"),
    ],
    dependencies: [
        .package(
            name: "swift-agent-streams", path: "../..",
            traits: [
                .trait(name: "Curl", condition: .when(traits: ["Curl"])),
                .trait(name: "AsyncHTTPClient", condition: .when(traits: ["AsyncHTTPClient"])),
            ]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.24.0"),
    ],
    targets: [
        .executableTarget(
            name: "agent-stream",
            dependencies: [
                .product(name: "StreamCore", package: "swift-agent-streams"),
                .product(name: "ServerSentEvents", package: "swift-agent-streams"),
                .product(name: "WireProtocols", package: "swift-agent-streams"),
                .product(name: "DurableLog", package: "swift-agent-streams"),
                .product(name: "StreamRecovery", package: "swift-agent-streams"),
                .product(name: "StreamTransport", package: "swift-agent-streams"),
                .product(name: "ProgressTracking", package: "swift-agent-streams"),
                .product(name: "URLSessionTransports", package: "swift-agent-streams"),
                .product(name: "CurlTransports", package: "swift-agent-streams", condition: .when(traits: ["Curl"])),
                .product(
                    name: "AsyncHTTPClientTransports", package: "swift-agent-streams",
                    condition: .when(traits: ["AsyncHTTPClient"])),
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["AsyncHTTPClient"])
                ),
                .product(name: "AgentKit", package: "swift-agent-streams"),
                .product(name: "AgentKitTesting", package: "swift-agent-streams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]),
        // Kills the tool at random instants and compares what is left; 'smoke' runs it for a minute.
        .executableTarget(
            name: "crash-proof",
            dependencies: [
                .product(name: "StreamCore", package: "swift-agent-streams"),
                .product(name: "DurableLog", package: "swift-agent-streams"),
                .product(name: "StreamRecovery", package: "swift-agent-streams"),
                .product(name: "AgentKitTesting", package: "swift-agent-streams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]),
    ]
)
