import Foundation

/// The `curl` command, as a yardstick.
enum CurlCommand {
    /// Where it is, or nil.
    static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/curl" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Runs it and returns what it printed; the bodies go to /dev/null.
    static func run(_ arguments: [String]) -> String {
        guard let path else { return "" }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-q", "-s", "--noproxy", "*"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { fatalError("curl does not start: \(error)") }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "curl fails with \(process.terminationStatus)")
        return text
    }
}
