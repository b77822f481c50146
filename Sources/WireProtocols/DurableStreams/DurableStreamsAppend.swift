/// What a POST to a stream asks for besides its body (§5.2, §5.2.1), as its header fields say.
public struct DurableStreamsAppend: Sendable, Hashable {
    /// Who appends.
    public struct Producer: Sendable, Hashable {
        /// The producer's name, not empty.
        public var id: String
        /// Its life, up to 2⁵³ − 1.
        public var epoch: UInt64
        /// The number of the append in that life, up to 2⁵³ − 1.
        public var sequence: UInt64

        /// A producer's stamp from its parts.
        public init(id: String, epoch: UInt64, sequence: UInt64) {
            self.id = id
            self.epoch = epoch
            self.sequence = sequence
        }
    }

    /// The media type of the body, with its parameters; nil where it is not said.
    public var contentType: String?
    /// A text that must sort after that of the last append.
    public var sequence: String?
    /// Who appends, for fencing and repetition.
    public var producer: Producer?
    /// Whether the stream is closed with this append.
    public var closes: Bool

    /// What is asked for, from its parts.
    public init(
        contentType: String? = nil, sequence: String? = nil, producer: Producer? = nil, closes: Bool = false
    ) {
        self.contentType = contentType
        self.sequence = sequence
        self.producer = producer
        self.closes = closes
    }

    /// Reads the header fields of a request.
    ///
    /// - Throws: ``DurableStreamsViolation`` for a producer that is named in part, or with what the protocol does not allow.
    public init(headers: HeaderFields) throws(DurableStreamsViolation) {
        contentType = headers.mediaType == nil ? nil : headers["content-type"]
        sequence = headers[DurableStreamsField.sequence]
        closes = headers.isTrue(DurableStreamsField.closed)
        let names = [
            DurableStreamsField.producerID, DurableStreamsField.producerEpoch, DurableStreamsField.producerSequence,
        ]
        let values = names.map { headers[$0] }
        guard values.contains(where: { $0 != nil }) else { return }
        guard let id = values[0], let epoch = values[1], let sequence = values[2] else {
            let missing = zip(names, values).first { $0.1 == nil }?.0 ?? names[0]
            throw DurableStreamsViolation(missing, "it is missing; the three fields of a producer go together")
        }
        guard !id.isEmpty else { throw DurableStreamsViolation(names[0], "it is empty") }
        producer = Producer(
            id: id, epoch: try DurableStreamsNumber.parse(epoch, names[1]),
            sequence: try DurableStreamsNumber.parse(sequence, names[2]))
    }
}
