import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A process of the tool, whose output is read line by line and to which something happens at a chosen instant.
struct Child {
    /// How a process ended.
    struct Ending {
        /// The lines that it wrote whole: what somebody saw.
        var lines: [String] = []
        /// Its exit code; nil when a signal ended it.
        var status: Int32?
        /// How long it took from its start.
        var duration: Duration
        /// How long it took to its first line; nil when it wrote none.
        var firstLine: Duration?
        /// Whether it was stopped because it never came to an end.
        var isStuck = false
    }

    /// When something happens to a process.
    enum Instant {
        /// So long after its start.
        case after(Duration)
        /// Once it has written so many lines, and then so long.
        case lines(Int, then: Duration)
    }

    static let patience = Duration.seconds(120)

    private let process: pid_t
    private let output: Int32
    private let start = ContinuousClock.now

    /// Starts the tool.
    ///
    /// - Parameter errors: The file to which its standard error goes.
    init(_ tool: String, _ arguments: [String], errors: String) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Fault("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var words: [UnsafeMutablePointer<CChar>?] = ([tool] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, tool, &actions, nil, &words, &variables)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw Fault("\(tool) cannot be started: errno \(result)")
        }
        self.process = process
        output = ends[0]
    }

    /// Reads to the end of the process, which is killed at `instant`.
    func follow(killedAt instant: Instant? = nil) -> Ending {
        follow(at: instant) { kill(process, SIGKILL) }
    }

    /// Reads to the end of the process, which is suspended at `instant` for as long as `body` takes.
    func follow<Failure>(
        suspendedAt instant: Instant, _ body: () throws(Failure) -> Void
    ) throws(Failure) -> Ending {
        var failure: Failure?
        let ending = follow(at: instant) {
            kill(process, SIGSTOP)
            do throws(Failure) { try body() } catch { failure = error }
            kill(process, SIGCONT)
        }
        if let failure { throw failure }
        return ending
    }

    /// Reads to the end of the process; at `instant`, when it still runs, `act` is called once.
    private func follow(at instant: Instant?, _ act: () -> Void) -> Ending {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var lines = 0
        var due: Duration? = if case .after(let time)? = instant { time } else { nil }
        var isStuck = false
        var isActedOn = false
        var patience = Child.patience
        var firstLine: Duration?
        while true {
            if case .lines(let count, let rest)? = instant, due == nil, !isActedOn, lines >= count {
                due = ContinuousClock.now - start + rest
            }
            let elapsed = ContinuousClock.now - start
            if let time = due, elapsed >= time {
                act()
                isActedOn = true
                due = nil
                patience += ContinuousClock.now - start
            } else if elapsed > patience {
                isStuck = true
                kill(process, SIGKILL)
            }
            let wait = min((due ?? patience) - elapsed, .milliseconds(500))
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            // Whole milliseconds are too coarse for the last of them.
            if wait < .milliseconds(1) {
                usleep(UInt32(max(0, wait / .microseconds(1))))
            }
            guard poll(&descriptor, 1, Int32(max(0, wait / .milliseconds(1)))) > 0 else { continue }
            let count = read(output, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
            lines += buffer[..<count].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
            if lines > 0, firstLine == nil { firstLine = ContinuousClock.now - start }
        }
        close(output)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let exited = status & 0x7F == 0
        var parts = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        // What stands after the last line break nobody has seen whole.
        parts.removeLast()
        return Ending(
            lines: parts.map { String(decoding: $0, as: UTF8.self) }, status: exited ? (status >> 8) & 0xFF : nil,
            duration: ContinuousClock.now - start, firstLine: firstLine, isStuck: isStuck)
    }
}

/// What the proof found to be wrong.
struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
