import StreamCore

/// Reads the value out of an answer while it is written, as a value without I/O.
struct StructuredReader: Sendable {
    private var extractor = JSONExtractor()
    private var parser = PartialJSON()
    private var failure: JSONError?
    private var text = ""

    /// Takes chunks of a run, and gives the value as far as it is written if it has grown.
    mutating func append(_ chunks: [AgentChunk]) -> JSONValue? {
        var hasGrown = false
        for chunk in chunks {
            switch chunk.payload {
            case .content(let piece): hasGrown = append(piece) || hasGrown
            // What was written before the model turned to tools was not the answer.
            case .toolResult where !extractor.isComplete:
                self = StructuredReader()
                hasGrown = false
            default: break
            }
        }
        return hasGrown ? snapshot : nil
    }

    private mutating func append(_ piece: String) -> Bool {
        text += piece
        guard failure == nil, let part = extractor.append(piece) else { return false }
        do throws(JSONError) {
            try parser.append(String(part))
        } catch {
            failure = error
        }
        return true
    }

    /// The value as far as it is written; nil until something of it is.
    var snapshot: JSONValue? { parser.value }

    /// The value, when the answer is whole.
    mutating func finish() throws(InvalidOutput) -> JSONValue {
        do throws(JSONError) {
            if let failure { throw failure }
            if extractor.hasBegun { return try parser.finish() }
            // Neither an array nor an object: then the answer is the value, in a fence perhaps.
            return try JSONValue(parsing: StructuredReader.withoutFence(text))
        } catch {
            throw InvalidOutput(path: "", reason: "it is not JSON: \(error)", text: text)
        }
    }

    /// The value as a Swift type, when the answer is whole; `isCut` when the model was stopped by its token limit.
    mutating func finish<Value: Decodable>(as type: Value.Type, isCut: Bool = false) throws(InvalidOutput) -> Value {
        let value: JSONValue
        do throws(InvalidOutput) {
            value = try finish()
        } catch {
            guard isCut else { throw error }
            throw InvalidOutput(path: "", reason: "the token limit cut it; raise maxOutputTokens", text: text)
        }
        do throws(JSONCoding.Mismatch) {
            return try JSONCoding.decode(type, from: value)
        } catch {
            throw InvalidOutput(path: error.path, reason: error.reason, text: text)
        }
    }

    private static func withoutFence(_ text: String) -> String {
        var lines = text.split(whereSeparator: \.isNewline)
        lines.removeAll { line in line.allSatisfy(\.isWhitespace) || line.hasPrefix("```") }
        return lines.joined(separator: "\n")
    }
}
