// swift-tools-version: 6.2

import PackageDescription

// Fuzz targets for everything that reads bytes from elsewhere. Run them with `.ci/fuzz`; to add one, name it here, and put
// its seeds, if any, into Corpora/NAME.
let targets = [
    "FuzzServerSentEvents", "FuzzJSON", "FuzzReasoning", "FuzzAnthropic", "FuzzOpenAIChat", "FuzzOpenAIResponses",
    "FuzzWebSocket", "FuzzTRPC",
]

let libraries: [Target.Dependency] = ["StreamCore", "ServerSentEvents", "WireProtocols", "AgentKit"].map {
    .product(name: $0, package: "swift-agent-streams")
}

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-agent-streams", path: "../..")],
    targets: [.target(name: "FuzzSupport", dependencies: libraries)]
        + targets.map { name in
            .executableTarget(
                name: name,
                dependencies: ["FuzzSupport"] + libraries,
                swiftSettings: [.unsafeFlags(["-parse-as-library", "-sanitize=fuzzer"])],
                linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
        }
)
