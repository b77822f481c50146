import Foundation

/// Where suites put their files.
@MainActor
enum ScratchFolder {
    /// The folder's own: that of this program by default, which is on the disk that is built on and not in a file system in memory.
    static var parent = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
        .deletingLastPathComponent().path

    /// The folder, made at its first use.
    static let path: String = {
        let folder = "\(parent)/benchmark-files-\(ProcessInfo.processInfo.processIdentifier)"
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
