/// What a tool knows of the call that it answers.
///
/// Cancellation is the task's: a tool runs in a task that is cancelled when the run is interrupted or its reader goes, or when
/// the tool's time is up.
public struct ToolContext: Sendable, Hashable {
    /// The call's identity, given by the model's provider.
    public var callID: String
    /// The run that the call belongs to.
    public var runID: String
    /// The same text whenever this call of this run is executed, also by another process after a crash: pass it on to what
    /// must happen once only.
    ///
    /// Made of ASCII letters, digits, `-`, `_`, `.` and `%`, so that it may stand in a header.
    public var idempotencyKey: String {
        let place = step.map { "\($0)." } ?? ""
        return "\(ToolContext.escaped(runID)).\(place)\(ToolContext.escaped(callID))"
    }
    /// Which of the run's responses made the call, counted from 0, as some providers number calls anew in each; nil where nobody
    /// knows.
    public var step: Int?

    /// A context from its parts.
    public init(callID: String, runID: String, step: Int? = nil) {
        self.callID = callID
        self.runID = runID
        self.step = step
    }

    // Ids come from a server: what is not plain is written as its bytes, so that different ids stay different.
    private static func escaped(_ id: String) -> String {
        var text = ""
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
