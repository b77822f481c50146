import AgentKit
import ArgumentParser
import DurableLog
import Foundation
import StreamCore
import StreamRecovery

/// Where runs are kept, for commands that write them.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("resume-by"),
        help:
            "How a broken answer goes on: cursor, retry, prefill, continue or restart (default: the best that the model allows)."
    )
    var resumeBy: RecoveryStrategy.Name?

    func validate() throws {
        if let resumeBy, !RecoveryStrategy.ladder.contains(where: { $0.name == resumeBy }) {
            let names = RecoveryStrategy.ladder.map(\.name.rawValue).joined(separator: ", ")
            throw ValidationError("--resume-by must be one of \(names).")
        }
    }

    /// What the scripted model is to be able to do, so that the chosen rung applies.
    var scriptedCapabilities: ModelCapabilities {
        var capabilities: ModelCapabilities = [.reasoning, .tools, .structuredOutput]
        if resumeBy == .cursor { capabilities.insert(.backgroundResume) }
        if resumeBy == .prefill { capabilities.insert(.prefill) }
        return capabilities
    }

    /// The ladder: all rungs, or the chosen one above those that apply to everything.
    var ladder: [RecoveryStrategy] {
        guard let resumeBy else { return RecoveryStrategy.ladder }
        var ladder = RecoveryStrategy.ladder.filter { $0.name == resumeBy }
        // Text that is still open is continued as well, so that little is written twice.
        if resumeBy == .continuation { ladder = [.continuation(includesOpenText: true)] }
        for strategy in [RecoveryStrategy.plainRetry, .restart] where strategy.name != resumeBy {
            ladder.append(strategy)
        }
        return ladder
    }
}

extension ExitCode {
    /// The model failed, or the run did.
    static let failedRun = ExitCode(2)
    /// The directory cannot be used: another process writes it, it is damaged, the disk is full; or another process took the run over.
    static let unusableStore = ExitCode(3)
    /// There is no such run.
    static let noSuchRun = ExitCode(4)
}

extension RecoveryStrategy.Name: @retroactive ExpressibleByArgument {
    /// A rung by its name.
    public init?(argument: String) {
        self.init(rawValue: argument)
    }
}

/// A directory of runs: their log, and checkpoints beside it.
struct RunDirectory {
    let log: FileEventLog
    let store: RunStore

    /// Opens the directory for writing; one process at a time may.
    ///
    /// Checkpoints that are too old go, and what killed processes have left of theirs.
    init(_ path: String, ladder: [RecoveryStrategy]) async throws {
        do {
            log = try FileEventLog(directory: path)
            // A name that no stream's folder has.
            let checkpoints = try FileCheckpointStore(directory: path + "/.checkpoints")
            // What cannot be removed is in nobody's way.
            _ = try? await checkpoints.removeExpired(at: .now())
            store = RunStore(log: log, checkpoints: checkpoints, recovery: RecoveryManager(ladder: ladder))
        } catch let error as EventLogError {
            throw Self.failure(error)
        } catch let error as CheckpointStoreError {
            Terminal.note("agent-stream: \(error)")
            throw ExitCode.unusableStore
        }
    }

    /// The directory, where one is named.
    static func opened(_ path: String?, ladder: [RecoveryStrategy]) async throws -> RunDirectory? {
        guard let path else { return nil }
        return try await RunDirectory(path, ladder: ladder)
    }

    /// Refuses options that name a directory or a stream alone, or a name that no stream can have.
    static func validate(store: String?, id: String?) throws {
        if (store == nil) != (id == nil) {
            throw ValidationError("--store and --id go together: where it is kept, and its name there.")
        }
        guard let id else { return }
        do {
            _ = try StreamID(id)
        } catch {
            throw ValidationError("--id: \(error)")
        }
    }

    /// Opens the log of a directory that must be there for reading, whether another process writes it or not.
    static func existing(_ path: String) throws -> FileLogReader {
        try checkExists(path)
        return FileEventLog.reader(directory: path)
    }

    /// Ends the command where no directory is: opening would make one.
    static func checkExists(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        Terminal.note("agent-stream: there is no directory \(path), and so no run in it")
        throw ExitCode.noSuchRun
    }

    /// Says what is wrong with a log, and ends the command.
    static func failure(_ error: EventLogError) -> ExitCode {
        Terminal.note("agent-stream: \(error.message) (\(error.code))")
        return error.code == .notFound || error.code == .deleted ? .noSuchRun : .unusableStore
    }
}
