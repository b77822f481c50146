import FuzzSupport
import StreamCore

/// A text is a value or an error, the value's own text is the same value, and reading it piece by piece gives either too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = FuzzInput(start, size)
    let limits = JSONLimits(maxDepth: 32)
    let whole = Result { () throws(JSONError) in try JSONValue(parsing: input.bytes, limits: limits) }
    switch whole {
    case .success(let value):
        let text = value.jsonString
        guard let again = try? JSONValue(parsing: text, limits: limits) else {
            fatalError("its own text is no JSON: \(text)")
        }
        require(again == value && again.hashValue == value.hashValue, "its own text is another value: \(text)")
        require(again.jsonString == text, "it is written in two ways: \(text) and \(again.jsonString)")
        require(!text.utf8.contains { $0 == 0x0A || $0 == 0x0D }, "its own text breaks the line: \(text)")
        lookAt(input.bytes, value, limits)
    case .failure(let error):
        require((0...input.bytes.count).contains(error.offset), "the error is outside the text: \(error)")
    }

    var partial = PartialJSON(limits: limits)
    // Kept over the next piece, which must not change it.
    var kept: (value: JSONValue, text: String)?
    let inPieces = Result { () throws(JSONError) in
        for piece in input.pieces() {
            try piece.withUnsafeBufferPointer { (bytes) throws(JSONError) in
                try partial.append(UnsafeRawBufferPointer(bytes))
            }
            if let kept { require(kept.value.jsonString == kept.text, "a snapshot has changed: \(kept.text)") }
            kept = partial.value.map { ($0, $0.jsonString) }
        }
        return try partial.finish()
    }
    require(inPieces == whole, "in pieces it is something else: \(inPieces) and \(whole)")
    return 0
}

/// The reader's view of a text agrees with its value.
private func lookAt(_ bytes: [UInt8], _ value: JSONValue, _ limits: JSONLimits) {
    var reader = JSONReader(limits: limits)
    do {
        try reader.read(bytes) { root in
            compare(root, value)
            var carry = SurrogateCarry()
            let joined = root.string(joining: &carry).map { $0 + carry.flush() }
            require(joined == value.stringValue, "a string that stands alone differs from one that goes on: \(value)")
        }
    } catch {
        fatalError("a text that was read is refused: \(error)")
    }
}

private func compare(_ node: JSONNode, _ value: JSONValue) {
    require(node.string == value.stringValue && node.bool == value.boolValue, "another value: \(value)")
    require(node.int == value.intValue && node.double == value.doubleValue, "another number: \(value)")
    require(node.isNull == value.isNull, "another null: \(value)")
    if case .array(let array) = value {
        require(node.elements.reduce(0) { count, _ in count + 1 } == array.count, "other elements: \(value)")
        for (element, value) in zip(node.elements, array) { compare(element, value) }
    }
    if case .object(let object) = value {
        for (key, value) in object {
            guard let member = node.member(key) else { fatalError("no member \(key)") }
            compare(member, value)
        }
    }
}
