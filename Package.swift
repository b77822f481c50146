// swift-tools-version: 6.2

import PackageDescription

/// Every target of ours is built with these: Swift 6 mode comes from the tools version.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A library target, its product of the same name and its test target.
struct Library {
    var name: String
    var dependencies: [String] = []
    var testDependencies: [String] = []
}

// In order of layers: a target imports only targets above it (the architecture article has the table).
let libraries: [Library] = [
    Library(name: "StreamCore", testDependencies: ["AgentKitTesting"]),
    Library(name: "ServerSentEvents", testDependencies: ["AgentKitTesting"]),
    Library(name: "WireProtocols", dependencies: ["StreamCore", "ServerSentEvents"]),
    Library(
        name: "StreamTransport",
        dependencies: ["StreamCore", "ServerSentEvents", "WireProtocols"],
        testDependencies: ["AgentKitTesting"]),
    Library(
        name: "URLSessionTransports",
        dependencies: ["StreamTransport", "WireProtocols"],
        testDependencies: ["StreamCore", "ServerSentEvents", "AgentKitTesting", "AgentKit"]),
    Library(
        name: "AgentKit",
        dependencies: ["StreamCore", "ServerSentEvents", "WireProtocols", "StreamTransport"],
        testDependencies: ["AgentKitTesting"]),
    Library(
        name: "AgentKitTesting",
        dependencies: ["StreamCore", "ServerSentEvents", "WireProtocols", "StreamTransport", "AgentKit"]),
]

let package = Package(
    name: "swift-agent-streams",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: libraries.map { .library(name: $0.name, targets: [$0.name]) },
    traits: [.default(enabledTraits: [])],
    targets: libraries.flatMap { library -> [Target] in
        [
            .target(
                name: library.name,
                dependencies: library.dependencies.map { .init(stringLiteral: $0) },
                swiftSettings: settings),
            .testTarget(
                name: library.name + "Tests",
                dependencies: ([library.name] + library.dependencies + library.testDependencies)
                    .map { .init(stringLiteral: $0) },
                swiftSettings: settings),
        ]
    }
)
