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
    /// Targets in C that are its own.
    var code: [String] = []
    /// What it needs where a trait is on; its sources are empty elsewhere.
    var traitDependencies: [Target.Dependency] = []
    var testDependencies: [String] = []
    /// What its tests need beyond that where a trait is on.
    var testTraitDependencies: [Target.Dependency] = []
    /// Whether hosts can depend on it; what several of our targets share is no product.
    var isProduct = true
}

/// What several test targets share; a target in Tests, and no product.
struct TestSupport {
    var name: String
    var dependencies: [String]
    /// What it needs where a trait is on.
    var traitDependencies: [Target.Dependency] = []
}

let nio = ["NIO", "AsyncHTTPClient", "Hummingbird"]
/// A product of another package, for the builds that have one of the traits on.
func product(_ name: String, from package: String, traits: [String]) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: Set(traits)))
}

// In order of layers: a target imports only targets above it (the architecture article has the table).
let libraries: [Library] = [
    Library(name: "StreamCore", testDependencies: ["AgentKitTesting"]),
    Library(name: "ServerSentEvents", testDependencies: ["AgentKitTesting"]),
    Library(
        name: "WireProtocols", dependencies: ["StreamCore", "ServerSentEvents"], testDependencies: ["AgentKitTesting"]),
    Library(
        name: "DurableLog", dependencies: ["StreamCore"], code: ["CChecksums"], testDependencies: ["AgentKitTesting"]),
    Library(
        name: "ProgressTracking",
        dependencies: ["StreamCore", "DurableLog"],
        testDependencies: ["AgentKitTesting"]),
    Library(
        name: "StreamRecovery",
        dependencies: ["StreamCore", "DurableLog"],
        code: ["CFileSystem"],
        testDependencies: ["AgentKitTesting"]),
    Library(
        name: "StreamDelivery",
        dependencies: ["StreamCore", "ServerSentEvents", "WireProtocols", "DurableLog", "ProgressTracking"],
        testDependencies: ["AgentKitTesting", "StreamTransport"]),
    Library(
        name: "StreamTransport",
        dependencies: ["StreamCore", "ServerSentEvents", "WireProtocols"],
        testDependencies: ["AgentKitTesting"]),
    Library(
        name: "URLSessionTransports",
        dependencies: ["StreamTransport", "WireProtocols"],
        testDependencies: ["StreamCore", "AgentKitTesting", "AgentKit", "TransportTestSupport"]),
    Library(
        name: "CurlTransports",
        dependencies: ["StreamCore", "StreamTransport", "WireProtocols"],
        traitDependencies: [.target(name: "CCurl", condition: .when(traits: ["Curl"]))],
        testDependencies: ["AgentKitTesting", "TransportTestSupport"]),
    Library(
        name: "NIOWebSockets",
        dependencies: ["StreamCore", "WireProtocols"],
        traitDependencies: [
            product("NIOCore", from: "swift-nio", traits: nio),
            product("NIOHTTP1", from: "swift-nio", traits: nio),
            .target(name: "CZlib", condition: .when(traits: Set(nio))),
        ],
        testDependencies: ["AgentKitTesting"],
        testTraitDependencies: [product("NIOEmbedded", from: "swift-nio", traits: nio)],
        isProduct: false),
    Library(
        name: "NIODelivery",
        dependencies: ["StreamCore", "WireProtocols", "DurableLog", "StreamDelivery", "NIOWebSockets"],
        traitDependencies: [
            product("NIOCore", from: "swift-nio", traits: nio),
            product("NIOPosix", from: "swift-nio", traits: nio),
            product("NIOHTTP1", from: "swift-nio", traits: nio),
            .target(name: "CZlib", condition: .when(traits: Set(nio))),
        ],
        testDependencies: ["ServerSentEvents", "AgentKitTesting", "DeliveryTestSupport", "TransportTestSupport"],
        testTraitDependencies: [product("NIOEmbedded", from: "swift-nio", traits: nio)]),
    Library(
        name: "HummingbirdDelivery",
        dependencies: ["StreamCore", "WireProtocols", "DurableLog", "StreamDelivery", "NIODelivery"],
        traitDependencies: [
            product("Hummingbird", from: "hummingbird", traits: ["Hummingbird"]),
            product("HummingbirdCore", from: "hummingbird", traits: ["Hummingbird"]),
            product("NIOCore", from: "swift-nio", traits: ["Hummingbird"]),
            product("NIOHTTP1", from: "swift-nio", traits: ["Hummingbird"]),
        ],
        testDependencies: ["ServerSentEvents", "AgentKitTesting", "DeliveryTestSupport"],
        testTraitDependencies: [
            product("NIOPosix", from: "swift-nio", traits: ["Hummingbird"]),
            // TLS and HTTP/2 are for hosts to choose: only the tests depend on them, and on clients that speak them.
            product("HummingbirdTLS", from: "hummingbird", traits: ["Hummingbird"]),
            product("HummingbirdHTTP2", from: "hummingbird", traits: ["Hummingbird"]),
            product("NIOSSL", from: "swift-nio-ssl", traits: ["Hummingbird"]),
            product("AsyncHTTPClient", from: "async-http-client", traits: ["Hummingbird"]),
        ]),
    Library(
        name: "AsyncHTTPClientTransports",
        dependencies: ["StreamTransport", "WireProtocols", "NIOWebSockets"],
        traitDependencies: [
            product("AsyncHTTPClient", from: "async-http-client", traits: ["AsyncHTTPClient"]),
            product("NIOCore", from: "swift-nio", traits: ["AsyncHTTPClient"]),
            product("NIOPosix", from: "swift-nio", traits: ["AsyncHTTPClient"]),
            product("NIOHTTP1", from: "swift-nio", traits: ["AsyncHTTPClient"]),
            product("NIOTLS", from: "swift-nio", traits: ["AsyncHTTPClient"]),
            product("NIOSSL", from: "swift-nio-ssl", traits: ["AsyncHTTPClient"]),
        ],
        testDependencies: ["StreamCore", "AgentKitTesting", "TransportTestSupport"]),
    Library(
        name: "AgentKit",
        dependencies: [
            "StreamCore", "ServerSentEvents", "WireProtocols", "DurableLog", "ProgressTracking", "StreamRecovery",
            "StreamTransport",
        ],
        testDependencies: ["AgentKitTesting"]),
    Library(
        name: "AgentKitTesting",
        dependencies: [
            "StreamCore", "ServerSentEvents", "WireProtocols", "DurableLog", "ProgressTracking", "StreamRecovery",
            "StreamTransport", "AgentKit",
        ],
        testDependencies: ["TransportTestSupport"]),
]

let testSupport: [TestSupport] = [
    TestSupport(
        name: "DeliveryTestSupport", dependencies: ["WireProtocols", "DurableLog", "StreamDelivery"],
        traitDependencies: [
            product("NIOCore", from: "swift-nio", traits: nio),
            product("NIOPosix", from: "swift-nio", traits: nio),
        ]),
    TestSupport(
        name: "TransportTestSupport",
        dependencies: ["StreamCore", "ServerSentEvents", "WireProtocols", "StreamTransport", "AgentKitTesting"]),
]

/// System libraries with the few lines of C that Swift cannot call itself.
let systemLibraries: [Target] = [
    .systemLibrary(
        name: "CCurl", pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
]

let package = Package(
    name: "swift-agent-streams",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: libraries.filter(\.isProduct).map { .library(name: $0.name, targets: [$0.name]) },
    traits: [
        .default(enabledTraits: []),
        .trait(name: "Curl", description: "CurlTransports: HTTP over libcurl (system package libcurl4-openssl-dev)"),
        .trait(name: "NIO", description: "What works on SwiftNIO (system package zlib1g-dev)"),
        .trait(
            name: "AsyncHTTPClient",
            description: "AsyncHTTPClientTransports: HTTP over AsyncHTTPClient, WebSocket over SwiftNIO",
            enabledTraits: ["NIO"]),
        .trait(
            name: "Hummingbird",
            description: "HummingbirdDelivery: delivery on the routes of a Hummingbird server",
            enabledTraits: ["NIO"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.24.0"),
        // Without its traits: nothing of ours is read from a configuration file.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    ],
    targets: systemLibraries
        + libraries.flatMap { library -> [Target] in
            library.code.map { .target(name: $0) } + [
                .target(
                    name: library.name,
                    dependencies: (library.dependencies + library.code).map { .init(stringLiteral: $0) }
                        + library.traitDependencies,
                    swiftSettings: settings),
                .testTarget(
                    name: library.name + "Tests",
                    dependencies: ([library.name] + library.dependencies + library.testDependencies)
                        .map { .init(stringLiteral: $0) } + library.traitDependencies + library.testTraitDependencies,
                    swiftSettings: settings),
            ]
        }
        + testSupport.map { support in
            .target(
                name: support.name,
                dependencies: support.dependencies.map { .init(stringLiteral: $0) } + support.traitDependencies,
                path: "Tests/" + support.name,
                swiftSettings: settings)
        }
)
