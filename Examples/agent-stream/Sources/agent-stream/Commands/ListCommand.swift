import ArgumentParser
import DurableLog
import StreamCore

/// `agent-stream list`: the runs that a directory keeps.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the runs that a directory keeps, with their state.",
        discussion: """
            One per line: name, closed or open, and the offset of the last event. The exit code is 3 when the directory cannot be used, while \
            another process writes it say, and 4 when it is not there.
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
                for name in names { write(name, try await log.info(name)) }
                guard let next = names.last else { break }
                last = next
            }
            await log.shutDown()
        } catch {
            throw RunDirectory.failure(error)
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
