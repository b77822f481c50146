public import StreamCore
import WireProtocols

/// Which stream a request is about.
public struct StreamAddress: Sendable {
    private let find: @Sendable (DeliveryRequest) throws(DeliveryRefusal) -> StreamID

    /// An address of your own.
    public init(_ find: @escaping @Sendable (DeliveryRequest) throws(DeliveryRefusal) -> StreamID) {
        self.find = find
    }

    /// Always the same stream.
    public static func fixed(_ stream: StreamID) -> StreamAddress {
        StreamAddress { (_) throws(DeliveryRefusal) in stream }
    }

    /// What follows `prefix` in the path, `/events/` for example, percent-decoded; it may have several segments.
    ///
    /// - Parameters:
    ///   - prefix: How the path begins, with a `/` at its end.
    ///   - suffix: How the path ends, behind the stream: `/stream` say.
    ///   - namespace: What the stream's name begins with and the path does not have.
    public static func path(after prefix: String, suffix: String = "", namespace: String = "") -> StreamAddress {
        StreamAddress { (request) throws(DeliveryRefusal) in
            guard request.path.hasPrefix(prefix), request.path.hasSuffix(suffix),
                request.path.utf8.count >= prefix.utf8.count + suffix.utf8.count,
                let name = PercentEncoding.decode(
                    request.path.dropFirst(prefix.count).dropLast(suffix.count))
            else { throw DeliveryRefusal(.notFound, "there is nothing at this address") }
            return try stream(namespace + name)
        }
    }

    /// A query parameter: `projectId` for the stream of a project.
    public static func query(_ name: String, namespace: String = "") -> StreamAddress {
        StreamAddress { (request) throws(DeliveryRefusal) in
            guard let value = request.queryItems[name], !value.isEmpty else {
                throw DeliveryRefusal(.badRequest, "the query parameter '\(name)' is missing")
            }
            return try stream(namespace + value)
        }
    }

    /// The stream of a request.
    public func stream(of request: DeliveryRequest) throws(DeliveryRefusal) -> StreamID { try find(request) }

    private static func stream(_ name: String) throws(DeliveryRefusal) -> StreamID {
        do throws(StreamIDError) {
            return try StreamID(name)
        } catch {
            throw DeliveryRefusal(.badRequest, "\(error)")
        }
    }
}
