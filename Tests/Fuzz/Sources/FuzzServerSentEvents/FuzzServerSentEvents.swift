import FuzzSupport
import ServerSentEvents

/// What came of reading a stream.
private struct Outcome: Equatable {
    var events: [ServerSentEvent] = []
    var error: ServerSentEventError?
    var lastEventID: String
    var reconnectionTime: Duration?
    var commentCount: Int
    var position: Int64

    init(_ pieces: [[UInt8]], limits: ServerSentEventLimits, borrowing: Bool) {
        var parser = ServerSentEventParser(limits: limits)
        do throws(ServerSentEventError) {
            for piece in pieces {
                // Memory of its own for each piece, overwritten and given back as soon as it has been read.
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
                defer {
                    memory.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "!"))
                    memory.deallocate()
                }
                memory.copyBytes(from: piece)
                if borrowing {
                    var rest = UnsafeRawBufferPointer(memory)
                    while let event = try parser.next(from: &rest) { events.append(ServerSentEvent(event)) }
                } else {
                    try parser.parse(UnsafeRawBufferPointer(memory), into: &events)
                }
            }
        } catch {
            self.error = error
        }
        lastEventID = parser.lastEventID
        reconnectionTime = parser.reconnectionTime
        commentCount = parser.commentCount
        position = parser.position
    }
}

/// The parser gives the same for every cut and in both forms, and reads back what the serializer writes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = FuzzInput(start, size)
    for limits in [ServerSentEventLimits.default, ServerSentEventLimits(line: 16, event: 32)] {
        let whole = Outcome([input.bytes], limits: limits, borrowing: false)
        require(whole == Outcome([input.bytes], limits: limits, borrowing: true), "the form matters")
        for longest in [1, 3, 24] {
            let pieces = input.pieces(longest: longest)
            require(whole == Outcome(pieces, limits: limits, borrowing: false), "the cuts matter")
            require(whole == Outcome(pieces, limits: limits, borrowing: true), "the form and the cuts matter")
        }
        guard limits == .default else { continue }
        var written: [UInt8] = []
        var lastEventID = ""
        for event in whole.events {
            do throws(ServerSentEventError) {
                try ServerSentEventSerializer.append(event, after: lastEventID, to: &written)
            } catch {
                fatalError("what was read cannot be written: \(error)")
            }
            lastEventID = event.lastEventID
        }
        let read = Outcome([written], limits: limits, borrowing: false)
        require(read.events == whole.events, "what was written is read as something else: \(whole) \(read)")
    }
    return 0
}
