// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "agent-stream",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-agent-streams", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "agent-stream",
            dependencies: [
                .product(name: "StreamCore", package: "swift-agent-streams"),
                .product(name: "ServerSentEvents", package: "swift-agent-streams"),
                .product(name: "WireProtocols", package: "swift-agent-streams"),
                .product(name: "URLSessionTransports", package: "swift-agent-streams"),
                .product(name: "AgentKit", package: "swift-agent-streams"),
                .product(name: "AgentKitTesting", package: "swift-agent-streams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")])
    ]
)
