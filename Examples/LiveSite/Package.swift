// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "LiveSite",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-agent-streams", path: "../..", traits: ["Hummingbird"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "LiveSite",
            dependencies: [
                .product(name: "StreamCore", package: "swift-agent-streams"),
                .product(name: "WireProtocols", package: "swift-agent-streams"),
                .product(name: "DurableLog", package: "swift-agent-streams"),
                .product(name: "ProgressTracking", package: "swift-agent-streams"),
                .product(name: "StreamRecovery", package: "swift-agent-streams"),
                .product(name: "StreamTransport", package: "swift-agent-streams"),
                .product(name: "StreamDelivery", package: "swift-agent-streams"),
                .product(name: "NIODelivery", package: "swift-agent-streams"),
                .product(name: "HummingbirdDelivery", package: "swift-agent-streams"),
                .product(name: "URLSessionTransports", package: "swift-agent-streams"),
                .product(name: "AgentKit", package: "swift-agent-streams"),
                .product(name: "AgentKitTesting", package: "swift-agent-streams"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.copy("Public")],
            swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")])
    ]
)
