import FuzzSupport
import ServerSentEvents

/// What came of reading a stream.
private struct Outcome: Equatable {
    var events: [ServerSentEvent] = []
    var error: ServerSentEventError?
    var lastEventID = ""
    var reconnectionTime: Duration?

    init(_ pieces: [[UInt8]], limits: ServerSentEventLimits, borrowing: Bool) {
        var parser = ServerSentEventParser(limits: limits)
        do throws(ServerSentEventError) {
            for piece in pieces {
                if borrowing {
                    try parser.parse(piece) { events.append(ServerSentEvent($0)) }
                } else {
                    try parser.parse(piece, into: &events)
                }
            }
        } catch {
            self.error = error
        }
        lastEventID = parser.lastEventID
        reconnectionTime = parser.reconnectionTime
    }
}

/// The parser gives the same for every cut and in both forms, and reads back what the serializer writes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = FuzzInput(start, size)
    for limits in [ServerSentEventLimits.default, ServerSentEventLimits(line: 16, event: 32)] {
        let whole = Outcome([input.bytes], limits: limits, borrowing: false)
        require(whole == Outcome(input.pieces(), limits: limits, borrowing: false), "the cuts matter")
        require(whole == Outcome(input.pieces(longest: 3), limits: limits, borrowing: true), "the form matters")
        guard limits == .default else { continue }
        var written: [UInt8] = []
        for event in whole.events {
            do throws(ServerSentEventError) {
                try ServerSentEventSerializer.append(event, to: &written)
            } catch {
                fatalError("what was read cannot be written: \(error)")
            }
        }
        let read = Outcome([written], limits: limits, borrowing: false)
        require(read.events == whole.events, "what was written is read as something else: \(whole) \(read)")
    }
    return 0
}
