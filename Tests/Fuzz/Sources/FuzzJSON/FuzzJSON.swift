import FuzzSupport
import StreamCore

/// A text is a value or an error, the value's own text is the same value, and reading it piece by piece gives it too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = FuzzInput(start, size)
    let limits = JSONLimits(maxDepth: 32)
    let value = try? JSONValue(parsing: input.bytes, limits: limits)
    if let value {
        let text = value.jsonString
        guard let again = try? JSONValue(parsing: text, limits: limits) else {
            fatalError("its own text is no JSON: \(text)")
        }
        require(again == value, "its own text is another value: \(text)")
    }

    var partial = PartialJSON(limits: limits)
    var isWhole = true
    do {
        for piece in input.pieces() {
            try piece.withUnsafeBytes { try partial.append($0) }
            _ = partial.value
        }
        let finished = try partial.finish()
        require(finished == value, "in pieces it is another value: \(finished) and \(String(describing: value))")
    } catch {
        isWhole = false
    }
    require(isWhole == (value != nil), "whole and in pieces disagree on whether it is JSON")
    return 0
}
