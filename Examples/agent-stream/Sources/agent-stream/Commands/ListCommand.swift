import ArgumentParser
import DurableLog
import StreamCore

/// `agent-stream list`: the runs that a directory keeps.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the runs that a directory keeps, with their state.",
        discussion: """
            One per line: name, closed or open, and the offset of the last event; also while another process writes the directory. The exit code \
            is 3 when the directory cannot be read, and 4 when no runs are kept in it.
            """)

    @Option(help: "The directory in which runs are kept.")
    var store: String

    @Flag(help: "Write one object per line.")
    var json = false

    func run() async throws {
        let log = try RunDirectory.existing(store)
        do {
            var last: StreamID?
            while true {
                let names = try await log.list(prefix: "", after: last, limit: 500)
                for name in names {
                    if let info = try await info(of: name, in: log) { write(name, info) }
                }
                guard let next = names.last else { break }
                last = next
            }
        } catch {
            throw RunDirectory.failure(error)
        }
    }

    // The writer may remove a run after it was listed.
    private func info(of name: StreamID, in log: FileLogReader) async throws(EventLogError) -> StreamInfo? {
        do throws(EventLogError) {
            return try await log.info(name)
        } catch {
            guard error.code == .notFound || error.code == .deleted else { throw error }
            return nil
        }
    }

    private func write(_ name: StreamID, _ info: StreamInfo) {
        if json {
            OutputLine.write([
                "id": .string(name.description), "closed": .bool(info.isClosed), "tail": .string(info.tail.description),
            ])
        } else {
            Terminal.write("\(name)\t\(info.isClosed ? "closed" : "open")\t\(info.tail)\n")
        }
    }
}
