/// An event stream as a model server sends it: many small named events, a token or so each.
///
/// Messages have the shape of Anthropic's: text deltas, then the arguments of a tool call in pieces.
struct MessageStream: EventBytes {
    private(set) var bytes: [UInt8] = []
    /// Where each event ends.
    private(set) var eventEnds: [Int] = []
    /// The payloads' places.
    private(set) var payloads: [Range<Int>] = []

    private var numbers = SeededNumbers(seed: 42)
    private var messages = 0

    private static let words = """
        a about after again all also an and another any are around as at back because been before being between both but by came can \
        could day did different do does down each end even every far few find first for found from get give go good great had hand has \
        have he help her here high him his home house how if important in into is it its just keep kind know large last left life light \
        like line little long look made make man many may me men might more most much must my name never new next night no not nothing \
        now number of off often old on once one only or other our out over own part people place point put right same saw say school see
        """.split(separator: " ").map(String.init)
    private static let escapes = [#"\n"#, #"\n\n"#, #"\""#, #"\\"#, #"\t"#, "`x`", "{", "}", "```\\n"]
    private static let beyondASCII = ["é", "größer", "日本語", "→", "—", "“so”", "🙂", "naïve"]

    /// A stream of at least `size` bytes.
    init(size: Int) {
        while bytes.count < size {
            addMessage(deltas: numbers.number(in: 200...800))
        }
    }

    private mutating func token() -> String {
        switch numbers.number(in: 0...99) {
        case ..<78: " " + numbers.element(of: Self.words)
        case ..<86: numbers.element(of: Self.words) + numbers.element(of: [".", ",", "!"])
        case ..<91: numbers.element(of: Self.escapes)
        case ..<94: " " + numbers.element(of: Self.beyondASCII)
        default: (0..<numbers.number(in: 2...8)).map { _ in " " + numbers.element(of: Self.words) }.joined()
        }
    }

    private mutating func add(_ type: String, _ fields: String) {
        bytes += "event: \(type)\ndata: ".utf8
        let start = bytes.count
        bytes += "{\"type\":\"\(type)\"\(fields)}".utf8
        payloads.append(start..<bytes.count)
        bytes += "\n\n".utf8
        eventEnds.append(bytes.count)
    }

    private mutating func addMessage(deltas: Int) {
        messages += 1
        let name = String(repeating: "0", count: 24 - String(messages).count) + String(messages)
        add(
            "message_start",
            #","message":{"id":"msg_\#(name)","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"#
                + #""stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":812,"cache_read_input_tokens":0,"output_tokens":1}}"#
        )
        add("content_block_start", #","index":0,"content_block":{"type":"text","text":""}"#)
        add("ping", "")
        for _ in 0..<(deltas * 9 / 10) {
            let text = token()
            add("content_block_delta", #","index":0,"delta":{"type":"text_delta","text":"\#(text)"}"#)
        }
        add("content_block_stop", #","index":0"#)
        add(
            "content_block_start",
            #","index":1,"content_block":{"type":"tool_use","id":"toolu_\#(name)","name":"search","input":{}}"#)
        add("content_block_delta", #","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"query\": \""}"#)
        for _ in 0..<(deltas / 10) {
            let text = numbers.element(of: Self.words) + " " + numbers.element(of: Self.words)
            add("content_block_delta", #","index":1,"delta":{"type":"input_json_delta","partial_json":"\#(text)"}"#)
        }
        add("content_block_delta", #","index":1,"delta":{"type":"input_json_delta","partial_json":"\"}"}"#)
        add("content_block_stop", #","index":1"#)
        add(
            "message_delta",
            #","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":\#(deltas)}"#)
        add("message_stop", "")
    }
}
