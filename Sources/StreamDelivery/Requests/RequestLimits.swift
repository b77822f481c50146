import WireProtocols

/// How large a request may be: what is checked before anything is read of it.
///
/// A host bounds what it reads before a handler sees it; these bounds hold for every host.
public struct RequestLimits: Sendable, Hashable {
    /// Path and query together, in bytes.
    public var targetBytes: Int
    /// All header fields together, names and values, in bytes.
    public var headerBytes: Int
    /// The body, in bytes.
    public var bodyBytes: Int

    /// Limits from their parts.
    public init(targetBytes: Int = 8 << 10, headerBytes: Int = 16 << 10, bodyBytes: Int = 1 << 20) {
        self.targetBytes = targetBytes
        self.headerBytes = headerBytes
        self.bodyBytes = bodyBytes
    }

    /// Refuses a request that is too large.
    public func check(_ request: DeliveryRequest) throws(DeliveryRefusal) {
        guard request.path.utf8.count + (request.query?.utf8.count ?? 0) <= targetBytes else {
            throw DeliveryRefusal(.targetTooLong, "path and query have at most \(targetBytes) bytes")
        }
        var size = 0
        for field in request.headers { size += field.name.utf8.count + field.value.utf8.count }
        guard size <= headerBytes else {
            throw DeliveryRefusal(.headersTooLarge, "the header fields have at most \(headerBytes) bytes")
        }
        guard request.body.count <= bodyBytes else {
            throw DeliveryRefusal(.bodyTooLarge, "the body has at most \(bodyBytes) bytes")
        }
    }
}
