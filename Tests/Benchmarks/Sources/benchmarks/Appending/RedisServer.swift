import CReference
import Foundation

/// A Redis of our own, in a folder and on a port of its own, that syncs before it answers.
@MainActor
enum RedisServer {
    /// Where the program is; nil where it is not installed.
    nonisolated static let program: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let names = folders.flatMap { ["\($0)/redis-server", "\($0)/valkey-server"] }
        return names.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Starts it and connects so often to it.
    ///
    /// It ends when ``stop()`` is called or when this process is gone: a shell between us waits for the end of its input.
    static func connect(_ count: Int) -> OpaquePointer? {
        guard let program else { return nil }
        let folder = ScratchFolder.fresh("redis")
        let port = reference_free_port()
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // Killed: a thread of Foundation's starts processes with most signals blocked, and nothing of it is kept.
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = [
                "-c", #""$@" </dev/null >/dev/null 2>&1 & server=$!; cat >/dev/null; kill -KILL $server"#,
                "sh", program, "--bind", "127.0.0.1", "--port", "\(port)", "--dir", folder,
                "--appendonly", "yes", "--appendfsync", "always", "--save", "",
            ]
            let input = Pipe()
            shell.standardInput = input
            try shell.run()
            running = (shell, input)
        } catch {
            fatalError("\(program) does not start: \(error)")
        }
        let end = reference_wall_seconds() + 10
        while reference_wall_seconds() < end {
            if let connections = reference_redis_connect(port, Int32(count)) { return connections }
            Thread.sleep(forTimeInterval: 0.02)
        }
        fatalError("\(program) does not take \(count) connections")
    }

    /// Ends it.
    static func stop() {
        guard let (shell, input) = running else { return }
        running = nil
        try? input.fileHandleForWriting.close()
        shell.waitUntilExit()
    }

    private static var running: (Process, Pipe)?
}
