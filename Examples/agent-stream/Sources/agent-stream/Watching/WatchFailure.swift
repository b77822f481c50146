import ArgumentParser
import StreamCore
import StreamTransport
import WireProtocols

/// Why a remote stream cannot be followed any further, with the exit code that says so.
struct WatchFailure: Error {
    let message: String
    let exitCode: ExitCode

    init(_ message: String, exitCode: ExitCode = .unusableStore) {
        self.message = message
        self.exitCode = exitCode
    }

    /// What a server's answer that is no stream says: there is no such stream, or it cannot be read.
    init(_ message: String, status: Int?, body: [UInt8] = []) {
        let error = (try? JSONValue(parsing: body))?["error"]
        // A gap is answered with 410 as well, and the stream is there.
        let isGone = status == 404 || status == 410 && error?["code"]?.stringValue != "gap"
        let said = error?["message"]?.stringValue.map { " (\($0))" } ?? ""
        self.init(message + said, exitCode: isGone ? .noSuchRun : .unusableStore)
    }

    init(_ error: EventSourceError) {
        self.init(error.brief, status: error.response?.status, body: error.body)
    }

    init(_ error: DurableStreamsClientError) {
        self.init(error.message, exitCode: error.code == .notFound || error.code == .gone ? .noSuchRun : .unusableStore)
    }

    init(_ error: SubscriptionError) {
        self.init(error.brief, exitCode: error.error?.code == .notFound ? .noSuchRun : .unusableStore)
    }
}

extension TransportError {
    /// What happened, without what the layers below say at length.
    var brief: String { "\(message) (\(code))" }
}

extension EventSourceError {
    /// What happened, without what the layers below say at length.
    var brief: String { (underlying as? TransportError)?.brief ?? message }
}

extension SubscriptionError {
    /// What happened, without what the layers below say at length.
    var brief: String { (underlying as? TransportError)?.brief ?? message }
}
