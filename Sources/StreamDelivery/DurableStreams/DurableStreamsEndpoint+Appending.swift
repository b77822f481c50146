import DurableLog
import StreamCore
import WireProtocols

extension DurableStreamsEndpoint {
    /// Appends, closes, or both (§5.2, §5.3).
    func append(
        to stream: StreamID, _ request: DeliveryRequest
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        let asked = try reading { () throws(DurableStreamsViolation) in
            try DurableStreamsAppend(headers: request.headers)
        }
        guard asked.closes || !request.body.isEmpty else {
            throw DurableStreamsRefusal(400, "the body is empty, and 'Stream-Closed: true' does not ask for a close")
        }
        var events: [StreamEvent] = []
        if !request.body.isEmpty {
            guard let contentType = asked.contentType else {
                throw DurableStreamsRefusal(400, "what is appended needs a content-type")
            }
            // Conflicts come before what is wrong with the body; which is only read as what the stream holds.
            let info = try await refusing { () throws(EventLogError) in try await log.info(stream) }
            if info.isClosed || StreamContent.isSame(contentType, info.options.contentType) {
                events = try messages(request.body, StreamContent(info.options.contentType)).map(event)
                guard !events.isEmpty else { throw DurableStreamsRefusal(400, "an empty array appends nothing") }
            } else {
                throw DurableStreamsRefusal(
                    EventLogError(
                        .contentTypeMismatch, stream, "the stream holds \(info.options.contentType), not \(contentType)"
                    ))
            }
        }
        return try await append(events, to: stream, asked)
    }

    private func append(
        _ events: [StreamEvent], to stream: StreamID, _ asked: DurableStreamsAppend
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        var append = AppendOptions(durability: options.durability, closes: asked.closes, sequence: asked.sequence)
        if let producer = asked.producer {
            guard let id = ProducerID(rawValue: producer.id) else {
                throw DurableStreamsRefusal(400, "\(DurableStreamsField.producerID): it has more than 256 bytes")
            }
            append.producer = ProducerStamp(id: id, epoch: producer.epoch, sequence: producer.sequence)
        }
        if !events.isEmpty { append.contentType = asked.contentType }
        let result: AppendResult
        do throws(EventLogError) {
            result = try await log.append(events, to: stream, options: append)
        } catch {
            guard let result = try await repetition(error, stream, asked) else { throw refusal(error, asked) }
            return result
        }
        let isNew = asked.producer != nil && !result.isDuplicate && !events.isEmpty
        var answer = DurableStreamsAnswer(isNew ? 200 : 204)
        answer.set(DurableStreamsField.nextOffset, result.last)
        if asked.closes { answer.set(DurableStreamsField.closed, "true") }
        if let producer = asked.producer {
            answer.set(DurableStreamsField.producerEpoch, producer.epoch)
            answer.set(DurableStreamsField.producerSequence, result.producerSequence ?? producer.sequence)
        }
        return answer
    }

    // The protocol knows a repetition by its number alone, and this log by its content as well (§5.2.1: seq ≤ lastSeq is a duplicate).
    private func repetition(
        _ error: EventLogError, _ stream: StreamID, _ asked: DurableStreamsAppend
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer? {
        guard error.code == .checksumMismatch, let producer = asked.producer, let next = error.expectedSequence else {
            return nil
        }
        let info = try await refusing { () throws(EventLogError) in try await log.info(stream) }
        var answer = DurableStreamsAnswer(204)
        answer.set(DurableStreamsField.nextOffset, info.tail)
        if info.isClosed { answer.set(DurableStreamsField.closed, "true") }
        answer.set(DurableStreamsField.producerEpoch, producer.epoch)
        answer.set(DurableStreamsField.producerSequence, next - 1)
        return answer
    }

    private func refusal(_ error: EventLogError, _ asked: DurableStreamsAppend) -> DurableStreamsRefusal {
        var refusal = DurableStreamsRefusal(error)
        if error.code == .producerGap, let producer = asked.producer, let expected = error.expectedSequence {
            refusal.answer.set(DurableStreamsField.expectedSequence, expected)
            refusal.answer.set(DurableStreamsField.receivedSequence, producer.sequence)
        }
        return refusal
    }

    func messages(
        _ body: [UInt8], _ content: StreamContent
    ) throws(DurableStreamsRefusal) -> [[UInt8]] {
        do throws(JSONError) { return try content.messages(body) } catch {
            throw DurableStreamsRefusal(400, "the body is not JSON: \(error)")
        }
    }

    func event(_ payload: [UInt8]) -> StreamEvent {
        StreamEvent(type: options.eventType, payload: payload)
    }
}
