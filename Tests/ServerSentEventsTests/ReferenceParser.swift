import ServerSentEvents

/// What a stream comes to, by whatever parser.
struct Outcome: Equatable, CustomStringConvertible {
    var events: [ServerSentEvent] = []
    var lastEventID = ""
    var retry: Duration?

    /// Equal byte by byte: strings are equal already when they are canonically equivalent.
    static func == (left: Outcome, right: Outcome) -> Bool {
        left.retry == right.retry && left.lastEventID.utf8.elementsEqual(right.lastEventID.utf8)
            && left.events.elementsEqual(right.events) { one, other in
                one.type.utf8.elementsEqual(other.type.utf8) && one.data.utf8.elementsEqual(other.data.utf8)
                    && one.lastEventID.utf8.elementsEqual(other.lastEventID.utf8)
            }
    }

    var description: String {
        let events = events.map {
            "\($0.type.debugDescription) \($0.data.debugDescription) \($0.lastEventID.debugDescription)"
        }
        return "\(events) id \(lastEventID.debugDescription) retry \(retry.map { "\($0)" } ?? "none")"
    }
}

/// The specification, word for word and in one go: the stream is decoded as a whole, then cut into lines, then interpreted.
///
/// It shares nothing with the parser that it checks. WHATWG Encoding, "UTF-8 decoder" and "UTF-8 decode"; HTML §9.2.5 and §9.2.6.
enum ReferenceParser {
    static func parse(_ bytes: [UInt8]) -> Outcome {
        var scalars = decode(bytes)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        var interpretation = Interpretation()
        for line in lines(of: scalars) {
            interpretation.process(line)
        }
        return interpretation.outcome
    }

    /// The lines that have ended; what follows the last break is pending when the stream ends, and is discarded.
    private static func lines(of scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        var lines: [[Unicode.Scalar]] = []
        var line: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "\r" || scalar == "\n" {
                if scalar == "\r", index < scalars.count, scalars[index] == "\n" { index += 1 }
                lines.append(line)
                line = []
            } else {
                line.append(scalar)
            }
        }
        return lines
    }

    private struct Interpretation {
        var outcome = Outcome()
        var data = ""
        var eventType = ""
        var lastEventIDBuffer = ""

        mutating func process(_ line: [Unicode.Scalar]) {
            if line.isEmpty { return dispatch() }
            guard let colon = line.firstIndex(of: ":") else { return process(field: line, value: []) }
            if colon == 0 { return }
            var value = line[(colon + 1)...]
            if value.first == " " { value.removeFirst() }
            process(field: Array(line[..<colon]), value: Array(value))
        }

        private mutating func process(field: [Unicode.Scalar], value: [Unicode.Scalar]) {
            switch text(field) {
            case "event":
                eventType = text(value)
            case "data":
                data.unicodeScalars.append(contentsOf: value)
                data.unicodeScalars.append("\n")
            case "id":
                if !value.contains("\0") { lastEventIDBuffer = text(value) }
            case "retry":
                guard !value.isEmpty, value.allSatisfy({ ("0"..."9").contains($0) }) else { return }
                let milliseconds = Int64(text(value)) ?? .max
                outcome.retry = .milliseconds(min(milliseconds, 9_007_199_254_740_991))
            default:
                break
            }
        }

        private mutating func dispatch() {
            outcome.lastEventID = lastEventIDBuffer
            defer {
                data = ""
                eventType = ""
            }
            guard !data.isEmpty else { return }
            data.unicodeScalars.removeLast()
            outcome.events.append(
                ServerSentEvent(
                    type: eventType.isEmpty ? "message" : eventType, data: data, lastEventID: lastEventIDBuffer))
        }

        private func text(_ scalars: [Unicode.Scalar]) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            return String(view)
        }
    }

    /// The decoder's state machine, with U+FFFD for each error.
    private static func decode(_ bytes: [UInt8]) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        var codePoint: UInt32 = 0
        var needed = 0
        var seen = 0
        var lower: UInt8 = 0x80
        var upper: UInt8 = 0xBF
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if needed == 0 {
                switch byte {
                case 0x00...0x7F:
                    scalars.append(Unicode.Scalar(byte))
                case 0xC2...0xDF:
                    needed = 1
                    codePoint = UInt32(byte & 0x1F)
                case 0xE0...0xEF:
                    if byte == 0xE0 { lower = 0xA0 }
                    if byte == 0xED { upper = 0x9F }
                    needed = 2
                    codePoint = UInt32(byte & 0xF)
                case 0xF0...0xF4:
                    if byte == 0xF0 { lower = 0x90 }
                    if byte == 0xF4 { upper = 0x8F }
                    needed = 3
                    codePoint = UInt32(byte & 0x7)
                default:
                    scalars.append("\u{FFFD}")
                }
                continue
            }
            let isValid = lower <= byte && byte <= upper
            lower = 0x80
            upper = 0xBF
            guard isValid else {
                needed = 0
                seen = 0
                scalars.append("\u{FFFD}")
                // The byte is read again, as the start of something else.
                index -= 1
                continue
            }
            codePoint = codePoint << 6 | UInt32(byte & 0x3F)
            seen += 1
            if seen == needed {
                scalars.append(Unicode.Scalar(codePoint)!)
                needed = 0
                seen = 0
            }
        }
        if needed > 0 { scalars.append("\u{FFFD}") }
        return scalars
    }
}
