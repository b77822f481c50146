#if NIO
    import Foundation
    import NIODelivery
    import StreamDelivery
    import Testing

    /// `Tests/Peers/websocket_client.py` against an echo, where `WEBSOCKETS_PYTHON` names a Python with the package `websockets`, as `Tests/run` sets it.
    @Suite(.timeLimit(.minutes(5))) struct PythonClientTests {
        private static let python = ProcessInfo.processInfo.environment["WEBSOCKETS_PYTHON"].flatMap {
            $0.isEmpty ? nil : $0
        }

        struct Echo: SocketHandler {
            func accept(_ request: DeliveryRequest) async -> SocketAnswer {
                .accept(subprotocol: nil) { EchoConversation($0) }
            }
        }

        @Test(
            "Framing, pings, reserved bits, fragments, UTF-8, closing, limits, compression: as Autobahn's categories",
            .enabled(if: python != nil, "WEBSOCKETS_PYTHON names no Python with the package 'websockets'"))
        func categories() async throws {
            let lines = try await withServer(ServerTests.mirror, sockets: Echo()) { _, port in
                try await PythonClientTests.run(port: port)
            }
            #expect(lines.filter { $0.hasPrefix("ok ") }.count >= 100)
            for line in lines where !line.hasPrefix("ok ") { Issue.record("\(line)") }
        }

        private static func run(port: Int) async throws -> [String] {
            let process = Process()
            process.executableURL = URL(filePath: python ?? "python3")
            process.arguments = [
                URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().appending(path: "Peers/websocket_client.py").path, String(port),
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            // On a thread of its own: it waits.
            let text = await withCheckedContinuation { waiter in
                Thread {
                    waiter.resume(
                        returning: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
                }.start()
            }
            return text.split(separator: "\n").map(String.init)
        }
    }
#endif
