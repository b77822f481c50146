import StreamCore

/// Why the files did not give or take what was asked.
enum FileFault: Error, Sendable {
    /// The system refused a call.
    case storage(FileError)
    /// Bytes that were stored are not what they were.
    case damage(path: String, position: Int, what: String)
    /// The log itself refuses.
    case refused(EventLogError)

    /// The fault as the log's error, with what is known to be stored.
    func error(_ stream: StreamID?, _ stored: String = "") -> EventLogError {
        let more = stored.isEmpty ? "" : "; \(stored)"
        switch self {
        case .storage(let error):
            return EventLogError(.storage, stream, "\(error)\(more)", underlying: error)
        case .damage(let path, let position, let what):
            let text = "\(path), byte \(position): \(what); what stands before can be read\(more)"
            return EventLogError(.corrupt, stream, text, underlying: self)
        case .refused(let error): return error
        }
    }
}

/// Does something with the file system, whose refusal is a fault of the storage.
@inline(__always)
func storing<Value>(_ body: () throws(FileError) -> Value) throws(FileFault) -> Value {
    do throws(FileError) {
        return try body()
    } catch {
        throw .storage(error)
    }
}

extension FileError {
    /// Whether the file or directory is not there.
    var isNotFound: Bool { number == SystemErrorNumber.notFound }
}
