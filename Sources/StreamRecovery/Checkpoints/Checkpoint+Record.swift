import DurableLog
public import StreamCore

extension Checkpoint {
    /// The checkpoint as a store keeps it: its JSON form, checksum included, on one line.
    public var record: [UInt8] {
        let object: JSONObject = [
            "id": .string(id), "streamId": .string(key.stream.description), "runId": .string(key.run),
            "position": .string(position.description), "content": .string(content), "metadata": .object(metadata),
            "state": state, "timestamp": .integer(timestamp.millisecondsSince1970),
            "ttl": .integer(timeToLive.wholeMilliseconds),
        ]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.utf8.count + 512)
        object.write(into: &bytes)
        bytes.removeLast()
        bytes += Checkpoint.ending(of: bytes[...])
        return bytes
    }

    private static func ending(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = String(bytes.withUnsafeBytes { CRC32C(of: $0) }.value, radix: 16)
        return Array(",\"checksum\":\"\(String(repeating: "0", count: 8 - digits.utf8.count))\(digits)\"}".utf8)
    }

    private static let endingLength = 23
    private static let limits = JSONLimits(maxDepth: JSONLimits.deepest, maxBytes: 256 << 20)

    /// Judges what a store has for a run.
    ///
    /// - Parameters:
    ///   - record: The bytes that the store has; nil when it has none.
    ///   - key: Whose checkpoint it should be.
    ///   - now: The time of day.
    public static func judge(_ record: [UInt8]?, for key: Key, at now: Timestamp) -> CheckpointAnswer {
        guard let record else { return .none }
        do throws(Damage) {
            let checkpoint = try Checkpoint(record)
            guard checkpoint.key == key else {
                throw Damage("it is the checkpoint of run \(checkpoint.key.run) in \(checkpoint.key.stream)")
            }
            return checkpoint.expiresAt <= now ? .expired(checkpoint.expiresAt) : .found(checkpoint)
        } catch {
            return .damaged(error.reason)
        }
    }

    private struct Damage: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    private init(_ record: [UInt8]) throws(Damage) {
        guard record.count > Checkpoint.endingLength else { throw Damage("it has \(record.count) bytes only") }
        let body = record.dropLast(Checkpoint.endingLength)
        // The ending is compared as a whole, so that no bit of it can differ either.
        guard record.suffix(Checkpoint.endingLength).elementsEqual(Checkpoint.ending(of: body)) else {
            throw Damage("its \(record.count) bytes do not match their checksum")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: record, limits: Checkpoint.limits)
        } catch {
            throw Damage("\(error)")
        }
        // From here on, what is wrong was written so.
        guard let id = value["id"]?.stringValue, let stream = try? StreamID(value["streamId"]?.stringValue ?? ""),
            let run = value["runId"]?.stringValue,
            let position = value["position"]?.stringValue.flatMap(Offset.init),
            let content = value["content"]?.stringValue, let metadata = value["metadata"]?.objectValue,
            let timestamp = value["timestamp"]?.intValue, let timeToLive = value["ttl"]?.intValue
        else { throw Damage("a field is missing or wrong") }
        self.init(
            id: id, key: Key(stream: stream, run: run), position: position, content: content, metadata: metadata,
            state: value["state"] ?? .null, timestamp: Timestamp(millisecondsSince1970: Int64(timestamp)),
            timeToLive: .milliseconds(timeToLive))
    }
}
