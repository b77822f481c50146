#if NIO
    import DeliveryTestSupport
    import Foundation
    import NIODelivery
    import StreamDelivery
    import Testing
    import TransportTestSupport

    /// `Tests/Peers/websocket_client.py` against an echo.
    @Suite(.timeLimit(.minutes(5))) struct PythonClientTests {
        @Test(
            "Framing, pings, reserved bits, fragments, UTF-8, closing, limits, compression: as Autobahn's categories",
            .enabled(if: PythonPeers.python != nil, "WEBSOCKETS_PYTHON names no Python with the package 'websockets'"))
        func categories() async throws {
            let lines = try await withServer(ServerTests.mirror, sockets: EchoSockets()) { _, port in
                try await PythonClientTests.run(port: port)
            }
            #expect(lines.filter { $0.hasPrefix("ok ") }.count >= 100)
            for line in lines where !line.hasPrefix("ok ") { Issue.record("\(line)") }
        }

        private static func run(port: Int) async throws -> [String] {
            let process = Process()
            process.executableURL = URL(filePath: try #require(PythonPeers.python))
            process.arguments = [PythonPeers.script("websocket_client.py"), String(port)]
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
