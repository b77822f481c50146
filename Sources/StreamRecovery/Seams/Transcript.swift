public import StreamCore

/// What a reader shows of a stream: the fold of its chunks and seams, with nothing twice and nothing that was dropped.
///
///     var transcript = Transcript()
///     for try await logged in log.cursor(over: stream) { try transcript.apply(logged.event, at: logged.offset) }
///     print(transcript[run: id]?.text ?? "")
///
/// A reader may begin in the midst of a stream, where the log has been trimmed: the event with a finished block's whole text makes good what of the block it missed. Every reader that applies the same events has the same text, however often it lost its connection in between: an event whose offset it has seen is passed over.
public struct Transcript: Sendable, Hashable {
    /// A block as it is shown.
    public struct Block: Sendable, Hashable {
        /// Its number in the run.
        public var id: Int
        /// The type of its chunks: `content`, `reasoning`, `tool-call` and so on, as in their JSON form.
        public var type: String
        /// Its text so far: of an answer, of reasoning, of a tool call's input.
        public var text: String
    }

    /// A run as it is shown.
    public struct Run: Sendable, Hashable {
        /// The run's identity.
        public let id: String
        /// Its blocks in the order in which they appeared, without those that were dropped.
        public fileprivate(set) var blocks: [Block] = []
        /// The seams of the run so far.
        public fileprivate(set) var seams: [Seam] = []
        /// Whether the run ended, well or not.
        public fileprivate(set) var isEnded = false

        fileprivate var places: [Int: Int] = [:]
        fileprivate var dropped: Set<Int> = []

        /// The answer's text, reasoning left out.
        public var text: String { joined("content") }
        /// The reasoning.
        public var reasoning: String { joined("reasoning") }

        private func joined(_ type: String) -> String {
            blocks.reduce(into: "") { text, block in if block.type == type { text += block.text } }
        }
    }

    // AgentKit's event of a finished block's whole text.
    private static let wholeBlock = StreamEvent.EventType(rawValue: "agent:block")

    /// The runs in the order in which they appeared.
    public private(set) var runs: [Run] = []
    /// The last event that was applied.
    public private(set) var offset: Offset?
    /// Whether something was left out because it would have been beyond the limit.
    public private(set) var isCut = false

    private let byteLimit: Int
    private var byteCount = 0
    private var places: [String: Int] = [:]
    // Counted for every block, run and dropped number, so that a stream of empty ones is bounded like one of text.
    private static let cost = 64

    /// A reader that has seen nothing.
    ///
    /// - Parameter byteLimit: How many bytes are kept at most; what comes beyond is left out, and ``isCut`` says so.
    public init(byteLimit: Int = 64 << 20) {
        self.byteLimit = max(0, byteLimit)
    }

    /// A run by its identity.
    public subscript(run id: String) -> Run? { places[id].map { runs[$0] } }

    /// Takes an event; one that is neither a chunk nor a seam is passed over, and so is one whose offset is not after the last.
    ///
    /// - Throws: ``EventFormatError`` when the payload cannot be read; the event is then passed over.
    public mutating func apply(_ event: StreamEvent, at offset: Offset? = nil) throws(EventFormatError) {
        if let offset {
            if let last = self.offset, offset <= last { return }
            self.offset = offset
        }
        guard event.visibility == .public else { return }
        switch event.type {
        case .seam: apply(try Seam(json: event.payload))
        case .content, .reasoning, .tool, .error, .complete, Transcript.wholeBlock: try applyChunk(event.payload)
        default: return
        }
    }

    /// Takes a seam: drops what it drops.
    public mutating func apply(_ seam: Seam) {
        drop(seam.droppedBlocks, ofRun: seam.origin.runID)
        if let superseded = seam.superseded { drop(superseded.blocks, ofRun: superseded.runID) }
        guard let place = place(ofRun: seam.origin.runID) else { return }
        // A run that goes on has not ended, whatever was said before.
        runs[place].isEnded = false
        let size = 4 * Transcript.cost + seam.droppedBlocks.count * MemoryLayout<Int>.size
        if makeRoom(for: size) { runs[place].seams.append(seam) }
    }

    private mutating func applyChunk(_ payload: [UInt8]) throws(EventFormatError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: payload)
        } catch {
            throw EventFormatError(field: "", reason: "\(error)")
        }
        guard let runID = value["runId"]?.stringValue else {
            throw EventFormatError(field: "runId", reason: "it is no string")
        }
        guard let type = value["type"]?.stringValue else {
            throw EventFormatError(field: "type", reason: "it is no string")
        }
        guard let place = place(ofRun: runID) else { return }
        switch type {
        case "content", "reasoning": append(value[type]?.stringValue ?? "", value, as: type, toRun: place)
        case "tool-input": append(value["inputDelta"]?.stringValue ?? "", value, as: type, toRun: place)
        case "tool-call":
            guard let index = block(value, as: type, ofRun: place) else { return }
            // The whole input is there: the pieces of it are not needed any more.
            replace(value["input"]?.jsonString ?? "", as: "tool-call", ofBlockAt: index, inRun: place)
        case "block":
            let kind = value["content"] == nil ? "reasoning" : "content"
            guard let text = value[kind]?.stringValue, let index = block(value, as: kind, ofRun: place) else { return }
            replace(text, as: kind, ofBlockAt: index, inRun: place)
        case "finish", "error": runs[place].isEnded = true
        default: break
        }
    }

    private mutating func append(_ text: String, _ chunk: JSONValue, as type: String, toRun place: Int) {
        guard let index = block(chunk, as: type, ofRun: place), makeRoom(for: text.utf8.count) else { return }
        runs[place].blocks[index].text += text
    }

    private mutating func replace(_ text: String, as type: String, ofBlockAt index: Int, inRun place: Int) {
        byteCount -= runs[place].blocks[index].text.utf8.count
        runs[place].blocks[index].text = ""
        guard makeRoom(for: text.utf8.count) else { return }
        runs[place].blocks[index].type = type
        runs[place].blocks[index].text = text
    }

    private mutating func block(_ chunk: JSONValue, as type: String, ofRun place: Int) -> Int? {
        guard let id = chunk["block"]?.intValue, !runs[place].dropped.contains(id) else { return nil }
        if let index = runs[place].places[id] { return index }
        guard makeRoom(for: Transcript.cost) else { return nil }
        runs[place].places[id] = runs[place].blocks.count
        runs[place].blocks.append(Block(id: id, type: type, text: ""))
        return runs[place].blocks.count - 1
    }

    private mutating func place(ofRun id: String) -> Int? {
        if let place = places[id] { return place }
        guard makeRoom(for: Transcript.cost + id.utf8.count) else { return nil }
        places[id] = runs.count
        runs.append(Run(id: id))
        return runs.count - 1
    }

    private mutating func drop(_ blocks: [Int], ofRun id: String) {
        guard !blocks.isEmpty, let place = place(ofRun: id) else { return }
        var removed: Set<Int> = []
        for block in blocks where !runs[place].dropped.contains(block) {
            guard makeRoom(for: Transcript.cost) else { break }
            runs[place].dropped.insert(block)
            removed.insert(block)
        }
        runs[place].blocks.removeAll { block in
            guard removed.contains(block.id) else { return false }
            byteCount -= block.text.utf8.count
            return true
        }
        runs[place].places = Dictionary(
            uniqueKeysWithValues: runs[place].blocks.enumerated().map { ($0.element.id, $0.offset) })
    }

    private mutating func makeRoom(for bytes: Int) -> Bool {
        guard bytes <= byteLimit - byteCount else {
            isCut = true
            return false
        }
        byteCount += bytes
        return true
    }
}
