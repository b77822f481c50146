public import DurableLog
import StreamCore

/// What to do about a stream that is not there.
public enum MissingStream: Sendable, Hashable {
    /// The request is refused: 404.
    case refuse
    /// It is made, so that a page can be open before its agents begin. Whoever may read it may then make it: ask the authorisation hook for its name.
    case create(StreamOptions)
}

extension DeliveryHub {
    /// Begins to read a stream for a request, and makes it where that is wanted.
    func open(
        _ stream: StreamID, _ read: ReadRequest, _ missing: MissingStream, format: WireFormat
    ) async throws(DeliveryRefusal) -> Opening {
        do throws(EventLogError) {
            do throws(EventLogError) {
                return try await open(stream, read.start, filter: read.filter, format: format)
            } catch {
                guard error.code == .notFound, case .create(let options) = missing else { throw error }
                _ = try await log.create(stream, options: options)
                return try await open(stream, read.start, filter: read.filter, format: format)
            }
        } catch {
            throw DeliveryRefusal(error)
        }
    }
}
