/// How a ``PartialJSONAutomaton`` reads numbers, literals and strings.
extension PartialJSONAutomaton {
    // MARK: Numbers and literals

    /// Ends a number: `isCut` tells the end of the text from a byte that cannot go on with it.
    mutating func completeNumber(isCut: Bool) throws(JSONError) {
        let isRoot = frames.isEmpty
        let start = tokenStart
        let number = try held.withUnsafeBufferPointer { (digits) throws(JSONError) -> JSONValue in
            let digits = UnsafeRawBufferPointer(digits)
            let end: Int
            let isInteger: Bool
            do throws(JSONError) {
                (end, isInteger) = try JSONNumber.scan(digits, from: 0)
            } catch {
                let isMalformed = error.code == .unexpectedEnd && !isCut
                throw JSONError(isMalformed ? .invalidNumber : error.code, at: start + error.offset)
            }
            guard end == digits.count else {
                throw JSONError(isRoot ? .trailingData : .unexpectedByte, at: start + end)
            }
            return isInteger ? JSONValue(integer: digits) : .number(JSONNumber.double(digits))
        }
        held.removeAll(keepingCapacity: true)
        complete(number)
    }

    mutating func openLiteral(_ word: StaticString, _ value: JSONValue) {
        literal = (word, value)
        state = .literal
    }

    mutating func readLiteral(_ byte: UInt8) throws(JSONError) {
        let place = offset - tokenStart
        let (isRight, isLast) = literal.word.withUTF8Buffer { (byte == $0[place], place == $0.count - 1) }
        guard isRight else { throw JSONError(.unexpectedByte, at: offset) }
        if isLast { complete(literal.value) }
    }

    // MARK: Strings

    mutating func openString(isKey: Bool) {
        self.isKey = isKey
        text = ""
        state = .string
    }

    /// Reads on within a string, at most to its end or to an escape, and says how far.
    mutating func readString(_ piece: UnsafeRawBufferPointer, from start: Int) throws(JSONError) -> Int {
        if !held.isEmpty { return try completeCharacter(piece[start], start) }
        let (end, isBroken) = try JSONText.plainRun(in: piece, from: start, offset: offset - start)
        if end > start {
            carry.interrupt { text.unicodeScalars.append($0) }
            text.append(String(decoding: piece[start..<end], as: UTF8.self))
        }
        if isBroken {
            held.append(contentsOf: piece[end...])
            return piece.count
        }
        guard end < piece.count else { return end }
        if piece[end] == UInt8(ascii: "\\") {
            tokenStart = offset + end - start
            state = .escape
        } else {
            closeString()
        }
        return end + 1
    }

    /// Reads on in a character that the last piece broke off.
    private mutating func completeCharacter(_ byte: UInt8, _ position: Int) throws(JSONError) -> Int {
        held.append(byte)
        let length = held.withUnsafeBytes { JSONBytes.sequenceLength(in: $0, at: 0) }
        guard length != 0 else { throw JSONError(.invalidUTF8, at: offset + 1 - held.count) }
        if length > 0 {
            carry.interrupt { text.unicodeScalars.append($0) }
            text.append(String(decoding: held, as: UTF8.self))
            held.removeAll(keepingCapacity: true)
        }
        return position + 1
    }

    private mutating func closeString() {
        text += carry.flush()
        let string = text
        text = ""
        if isKey {
            frames[frames.count - 1].key = string
            state = .colon
        } else {
            complete(.string(string))
        }
    }

    mutating func readEscape(_ byte: UInt8) throws(JSONError) {
        if byte == UInt8(ascii: "u") {
            unit = 0
            state = .unit
        } else if let plain = JSONText.simpleEscape(byte) {
            carry.interrupt { text.unicodeScalars.append($0) }
            text.unicodeScalars.append(Unicode.Scalar(plain))
            state = .string
        } else {
            throw JSONError(.invalidEscape, at: tokenStart)
        }
    }

    mutating func readUnit(_ byte: UInt8) throws(JSONError) {
        guard let digit = JSONBytes.hexadecimal(byte) else { throw JSONError(.invalidEscape, at: tokenStart) }
        unit = unit << 4 | digit
        guard offset - tokenStart == 5 else { return }
        carry.take(unit) { text.unicodeScalars.append($0) }
        state = .string
    }
}
