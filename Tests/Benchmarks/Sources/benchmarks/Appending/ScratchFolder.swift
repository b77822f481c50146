import Foundation

/// Where suites put their files: beside this program, so on the disk that is built on and not in a file system in memory.
enum ScratchFolder {
    /// The folder, made at its first use.
    static let path: String = {
        let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
            .appendingPathComponent("benchmark-files-\(ProcessInfo.processInfo.processIdentifier)").path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            fatalError("no folder for files: \(error)")
        }
        return folder
    }()

    /// A path within the folder, where nothing is.
    static func fresh(_ name: String) -> String {
        let path = "\(path)/\(name)"
        try? FileManager.default.removeItem(atPath: path)
        return path
    }

    /// Removes the folder.
    static func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
