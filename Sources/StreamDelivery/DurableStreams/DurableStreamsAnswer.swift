import DurableLog
import StreamCore
import WireProtocols

/// An answer of the Durable Streams protocol in the making: a status and fields that are known to be valid.
struct DurableStreamsAnswer: Sendable {
    var status: Int
    private(set) var headers: HeaderFields = [
        "x-content-type-options": "nosniff", "cross-origin-resource-policy": "cross-origin",
    ]
    var body = DeliveryBody.none

    init(_ status: Int) {
        self.status = status
    }

    /// A refusal, which says in words what is wrong.
    init(_ status: Int, refusing message: String) {
        self.init(status)
        set("content-type", "text/plain; charset=utf-8")
        set("cache-control", "no-store")
        body = .bytes(Array((message + "\n").utf8))
    }

    /// What an error of the log is answered with (§5).
    init(_ error: EventLogError) {
        switch error.code {
        case .notFound: self.init(404, refusing: error.message)
        case .deleted, .gap: self.init(410, refusing: error.message)
        case .conflict, .contentTypeMismatch, .sequenceRegression, .producerGap: self.init(409, refusing: error.message)
        case .closed:
            self.init(409, refusing: error.message)
            set(DurableStreamsField.closed, "true")
            if let last = error.last { set(DurableStreamsField.nextOffset, last) }
        case .staleEpoch: self.init(403, refusing: error.message)
        case .newEpochSequence: self.init(400, refusing: error.message)
        case .tooLarge: self.init(413, refusing: error.message)
        case .unavailable, .locked: self.init(503, refusing: "the log takes no requests at the moment")
        // What the storage says of paths is nobody's business but the host's, whose log says it as well.
        default: self.init(500, refusing: "the stream cannot be used: \(error.code)")
        }
        if let epoch = error.epoch { set(DurableStreamsField.producerEpoch, epoch) }
    }

    mutating func set(_ name: String, _ value: some CustomStringConvertible) {
        // Ours are valid; what a client gave (a content type) was a field's value before.
        try? headers.set(name, value.description)
    }

    var response: DeliveryResponse { DeliveryResponse(status: status, headers: headers, body: body) }
}

/// A refusal on its way out of what was begun.
struct DurableStreamsRefusal: Error {
    var answer: DurableStreamsAnswer

    init(_ status: Int, _ message: String) {
        answer = DurableStreamsAnswer(status, refusing: message)
    }

    init(_ error: EventLogError) {
        answer = DurableStreamsAnswer(error)
    }

    init(_ violation: DurableStreamsViolation) {
        self.init(400, violation.description)
    }

    init(answer: DurableStreamsAnswer) {
        self.answer = answer
    }
}

/// Does something with a log; its errors become answers.
func refusing<Value>(
    _ body: () async throws(EventLogError) -> Value
) async throws(DurableStreamsRefusal) -> Value {
    do throws(EventLogError) { return try await body() } catch { throw DurableStreamsRefusal(error) }
}

/// Reads a part of a request; what is wrong with it becomes an answer.
func reading<Value>(_ body: () throws(DurableStreamsViolation) -> Value) throws(DurableStreamsRefusal) -> Value {
    do throws(DurableStreamsViolation) { return try body() } catch { throw DurableStreamsRefusal(error) }
}
