// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "ConformanceServer",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-agent-streams", path: "../..", traits: ["NIO"]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    ],
    targets: [
        .executableTarget(
            name: "ConformanceServer",
            dependencies: [
                .product(name: "StreamCore", package: "swift-agent-streams"),
                .product(name: "WireProtocols", package: "swift-agent-streams"),
                .product(name: "DurableLog", package: "swift-agent-streams"),
                .product(name: "StreamDelivery", package: "swift-agent-streams"),
                .product(name: "NIODelivery", package: "swift-agent-streams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")])
    ]
)
