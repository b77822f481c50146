import StreamCore

/// How much a peer that speaks tRPC may ask for at a time.
public struct TRPCLimits: Sendable, Hashable {
    /// The largest number of bytes of a message, or of a request's input: 1 MiB by default.
    public var messageSize: Int
    /// How deeply its JSON may be nested: 64 by default.
    public var depth: Int
    /// The largest number of messages, or calls, in a batch: 64 by default.
    public var batch: Int
    /// The largest number of bytes of a procedure's path: 256 by default.
    public var pathLength: Int
    /// The largest number of bytes of a request's id, and of an event's: 256 by default.
    public var idLength: Int
    /// The largest number of bytes of connection parameters, names and values together: 16 KiB by default.
    public var connectionParamsSize: Int

    /// Limits from their parts; numbers below 1 count as 1.
    public init(
        messageSize: Int = 1 << 20, depth: Int = 64, batch: Int = 64, pathLength: Int = 256, idLength: Int = 256,
        connectionParamsSize: Int = 16 << 10
    ) {
        self.messageSize = max(1, messageSize)
        self.depth = max(1, depth)
        self.batch = max(1, batch)
        self.pathLength = max(1, pathLength)
        self.idLength = max(1, idLength)
        self.connectionParamsSize = max(1, connectionParamsSize)
    }

    /// What a server takes.
    public static let `default` = TRPCLimits()

    /// What a client takes: messages of 16 MiB, 128 levels.
    public static let client = TRPCLimits(messageSize: 16 << 20, depth: 128, batch: 4096, idLength: 4096)

    /// Reads a JSON text within the limits.
    ///
    /// - Throws: ``TRPCError`` with `PARSE_ERROR`, or `PAYLOAD_TOO_LARGE` for one that is too long.
    func json(_ text: String) throws(TRPCError) -> JSONValue {
        guard text.utf8.count <= messageSize else {
            throw TRPCError(.payloadTooLarge, "a message may have \(messageSize) bytes")
        }
        do throws(JSONError) {
            return try JSONValue(parsing: text, limits: JSONLimits(maxDepth: depth, maxBytes: messageSize))
        } catch {
            throw TRPCError(.parseError, "not JSON: \(error)")
        }
    }

    /// A procedure's path, checked.
    func path(_ value: JSONValue?) throws(TRPCError) -> String {
        guard let path = value?.stringValue else { throw TRPCError(.parseError, "`path` must be a string") }
        return try self.path(path)
    }

    /// A procedure's path, checked.
    func path(_ path: String) throws(TRPCError) -> String {
        guard path.utf8.count <= pathLength else {
            throw TRPCError(.badRequest, "`path` may have \(pathLength) bytes")
        }
        return path
    }

    /// An event's id, checked.
    package func eventID(_ id: String) throws(TRPCError) -> String {
        guard id.utf8.count <= idLength else {
            throw TRPCError(.badRequest, "`lastEventId` may have \(idLength) bytes")
        }
        return id
    }
}
