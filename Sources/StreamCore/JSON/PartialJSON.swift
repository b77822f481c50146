/// The value of a JSON text that is still being written, as far as it is known.
///
/// For showing structured output and tool inputs while a model writes them. After each piece ``value`` is a snapshot:
/// - a string, an array or an object that is open appears as far as it goes;
/// - a number appears once something follows it (`1` may become `12`), `true`, `false` and `null` with their last letter;
/// - a member appears once its key and the first of its value are known, and then never goes away;
/// - in a string, an escape appears when it is complete, and the first half of a surrogate pair with its second.
///
/// So every snapshot is a prefix of the final value, but for repeated keys, of which the last value counts. The final
/// value and the errors are those of ``JSONValue/init(parsing:limits:)-(String,_)``.
///
/// A piece costs time in proportion to its length and the depth of nesting, not to what came before, as long as
/// no earlier snapshot is kept; keeping one costs a copy of what is open.
public struct PartialJSON: Sendable {
    /// What the text may ask for.
    public let limits: JSONLimits
    /// The value so far; nil until something of it is known.
    public private(set) var value: JSONValue?
    /// Whether the value is closed; a number that is the whole text is closed only by white space or ``finish()``.
    public var isComplete: Bool { automaton.state == .end }

    private var automaton = PartialJSONAutomaton()
    private var failure: JSONError?

    /// A parser of one text.
    public init(limits: JSONLimits = .default) {
        self.limits = limits
    }

    /// Reads the next piece of the text.
    ///
    /// Throws a ``JSONError`` when no text that begins so is JSON; the offset counts from the start of the whole text.
    /// ``value`` then is what stood before the error, and every further call throws the same.
    public mutating func append(_ piece: String) throws(JSONError) {
        var piece = piece
        // withUTF8 cannot pass a typed error on.
        let result = piece.withUTF8 { bytes -> Result<Void, JSONError> in
            do throws(JSONError) {
                return .success(try append(UnsafeRawBufferPointer(bytes)))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Reads the next piece of the text, which may be cut within a character; throws as ``append(_:)-(String)``.
    public mutating func append(_ piece: UnsafeRawBufferPointer) throws(JSONError) {
        try advance { (automaton, limits) throws(JSONError) in try automaton.read(piece, limits) }
    }

    /// Ends the text and gives its value.
    ///
    /// Throws a ``JSONError`` with code ``JSONError/Code/unexpectedEnd`` when it is incomplete.
    @discardableResult
    public mutating func finish() throws(JSONError) -> JSONValue {
        try advance { (automaton, _) throws(JSONError) in try automaton.finish() }
        guard isComplete, let value else { throw JSONError(.unexpectedEnd, at: automaton.offset) }
        return value
    }

    private mutating func advance(
        _ step: (inout PartialJSONAutomaton, JSONLimits) throws(JSONError) -> Void
    ) throws(JSONError) {
        if let failure { throw failure }
        // The value is taken apart, changed and put together again, so that nothing in it is copied.
        automaton.takeApart(value.take())
        defer { value = automaton.putTogether() }
        do throws(JSONError) {
            try step(&automaton, limits)
        } catch {
            failure = error
            throw error
        }
    }
}
