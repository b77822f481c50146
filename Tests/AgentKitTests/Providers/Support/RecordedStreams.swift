import AgentKit
import Foundation

/// The recorded streams that lie beside the package when it is developed, and not in it.
enum RecordedStreams {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/data/provider-streams").standardizedFileURL

    /// Whether they are there; in a git worktree one folder further up.
    static let arePresent = body("anthropic-basic.sse") != nil

    static func body(_ name: String) -> [UInt8]? {
        for base in [folder, folder.appendingPathComponent("../../../../shared/data/provider-streams")] {
            if let data = try? Data(contentsOf: base.standardizedFileURL.appendingPathComponent(name)) {
                return Array(data)
            }
        }
        return nil
    }
}
