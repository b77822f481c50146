/// A reusable parser of JSON texts, for hot paths.
///
/// One pass validates the whole text (RFC 8259, UTF-8 included) and records where its values are; a ``JSONNode`` looks
/// them up without building anything. The record is reused, so a warm reader allocates nothing per text. Of a repeated
/// key the last value counts, as in ``JSONObject``.
///
/// A byte order mark is refused (RFC 8259 §8.1), and so is a number beyond the range of `Double`.
///
///     var reader = JSONReader()
///     let text = try reader.read(bytes) { root in root["delta"]?["text"]?.string }
public struct JSONReader: Sendable {
    /// What a text may ask for.
    public let limits: JSONLimits

    @usableFromInline
    var tape: [JSONTapeEntry] = []

    private static let smallTape = 64
    private static let largeTape = 1 << 16

    /// A reader that refuses what is beyond `limits`.
    public init(limits: JSONLimits = .default) {
        self.limits = limits
    }

    /// Parses a text and calls `body` with its value, which is valid only until `body` returns.
    ///
    /// Throws a ``JSONError`` that says what is wrong and at which byte. `body` may throw one as well.
    @inlinable
    public mutating func read<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (JSONNode) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try parse(bytes)
        return try tape.withUnsafeBufferPointer { (tape) throws(JSONError) -> Result in
            // Neither is empty: a text without a value has been refused.
            try body(JSONNode(tape: tape.baseAddress.unsafelyUnwrapped, text: bytes.baseAddress.unsafelyUnwrapped))
        }
    }

    /// Parses a text and calls `body` with its value, which is valid only until `body` returns.
    @inlinable
    public mutating func read<Result>(
        _ bytes: [UInt8], _ body: (JSONNode) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) -> Result in
            try read(UnsafeRawBufferPointer(bytes), body)
        }
    }

    /// Parses a text and calls `body` with its value, which is valid only until `body` returns.
    @inlinable
    public mutating func read<Result>(
        _ text: String, _ body: (JSONNode) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        var text = text
        // withUTF8 cannot pass a typed error on.
        let result = text.withUTF8 { bytes -> Swift.Result<Result, JSONError> in
            do throws(JSONError) {
                return .success(try read(UnsafeRawBufferPointer(bytes), body))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Validates a text and records its values.
    @usableFromInline
    mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        guard bytes.count <= limits.maxBytes else { throw JSONError(.tooLarge, at: limits.maxBytes) }
        // One enormous text must not hold memory for ever.
        if tape.count > JSONReader.largeTape, bytes.count < JSONReader.largeTape { tape = [] }
        var parser = JSONParser()
        let maxDepth = limits.maxDepth
        while true {
            let isDone = try tape.withUnsafeMutableBufferPointer { (tape) throws(JSONError) -> Bool in
                try parser.run(bytes, tape, maxDepth: maxDepth)
            }
            if isDone { return }
            let unused = JSONTapeEntry(start: 0, end: 0, next: 0, kind: .null)
            tape.append(contentsOf: repeatElement(unused, count: max(JSONReader.smallTape, tape.count)))
        }
    }
}
