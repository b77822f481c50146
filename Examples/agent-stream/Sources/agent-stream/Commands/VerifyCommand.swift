import ArgumentParser
import DurableLog
import StreamCore

/// `agent-stream verify`: reads all that a directory keeps and says what is whole.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that all that a directory keeps is whole.",
        discussion: """
            One line per run, and one for each damage with its file and byte; nothing is changed, and another process may write the directory. The exit \
            code is 2 when something is damaged, 3 when the directory cannot be read, and 4 when no runs are kept in it. A torn tail is no damage: \
            it was never acknowledged as stored.
            """)

    @Argument(help: "The directory in which runs are kept.")
    var directory: String

    func run() async throws {
        let log = try RunDirectory.existing(directory)
        let report: FileLogReport
        do {
            report = try await log.verify()
        } catch {
            throw RunDirectory.failure(error)
        }
        Terminal.write("\(report)\n")
        if !report.isWhole { throw ExitCode(2) }
    }
}
