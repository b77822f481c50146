/// How an end of a WebSocket wants messages compressed: what a client offers, and what a server makes of an offer (RFC 7692).
///
/// With context takeover a message is compressed with the help of those before it: better, and the window stays in memory as long as the
/// connection. An attacker who can put text of his own beside a secret into compressed messages may learn the secret from their sizes (as in
/// CRIME and BREACH): do not compress streams that carry secrets.
public struct PerMessageDeflatePolicy: Sendable, Hashable {
    /// Whether this end compresses with the help of earlier messages: true by default.
    public var takesOverOwnContext: Bool
    /// Whether the peer may do so, for which this end keeps a window of its messages: true by default.
    public var takesOverPeerContext: Bool
    /// The base-2 logarithm of this end's window, 9 … 15; 15 by default.
    public var ownWindowBits: Int
    /// The base-2 logarithm of the largest window of the peer, 8 … 15; 15 by default.
    public var peerWindowBits: Int

    /// A policy from its parts; window bits are clamped to their ranges.
    public init(
        takesOverOwnContext: Bool = true, takesOverPeerContext: Bool = true, ownWindowBits: Int = 15,
        peerWindowBits: Int = 15
    ) {
        self.takesOverOwnContext = takesOverOwnContext
        self.takesOverPeerContext = takesOverPeerContext
        self.ownWindowBits = min(max(ownWindowBits, 9), 15)
        self.peerWindowBits = min(max(peerWindowBits, 8), 15)
    }

    // MARK: Client

    /// What a client with this policy offers.
    private var offer: PerMessageDeflateParameters {
        var offer = PerMessageDeflateParameters()
        offer.serverNoContextTakeover = !takesOverPeerContext
        offer.clientNoContextTakeover = !takesOverOwnContext
        offer.serverMaxWindowBits = peerWindowBits < 15 ? peerWindowBits : nil
        offer.clientMaxWindowBits = ownWindowBits < 15 ? ownWindowBits : nil
        offer.mentionsClientMaxWindowBits = true
        return offer
    }

    /// The element of `Sec-WebSocket-Extensions` with which a client offers compression.
    public var offerHeaderValue: String { offer.headerValue }

    /// What a server's answer to the offer comes to, or nil when it is not an answer to it (RFC 7692 §7.1).
    func agreement(answer parameters: [WebSocketExtension.Parameter]) -> PerMessageDeflate? {
        guard let answer = PerMessageDeflateParameters(parameters, isResponse: true) else { return nil }
        let offer = offer
        // What was asked of the server must be confirmed; what it asks of the client can always be done.
        guard answer.serverNoContextTakeover || !offer.serverNoContextTakeover,
            (answer.serverMaxWindowBits ?? 15) <= (offer.serverMaxWindowBits ?? 15)
        else { return nil }
        return PerMessageDeflate(
            serverNoContextTakeover: answer.serverNoContextTakeover,
            clientNoContextTakeover: answer.clientNoContextTakeover || offer.clientNoContextTakeover,
            serverMaxWindowBits: answer.serverMaxWindowBits ?? 15,
            clientMaxWindowBits: min(answer.clientMaxWindowBits ?? 15, ownWindowBits))
    }

    // MARK: Server

    /// What a server with this policy makes of the offers of a client, in the client's order: the first that it can accept.
    ///
    /// - Parameter offers: The values of the request's `Sec-WebSocket-Extensions` fields.
    /// - Returns: The agreement and the element of `Sec-WebSocket-Extensions` that answers it; nil to go without compression.
    public func agreement(
        offers: [String]
    ) -> (agreement: PerMessageDeflate, answerHeaderValue: String)? {
        for offer in WebSocketExtension.parse(offers) ?? [] where offer.name == PerMessageDeflate.name {
            guard let offer = PerMessageDeflateParameters(offer.parameters, isResponse: false) else { continue }
            var answer = PerMessageDeflateParameters()
            answer.serverNoContextTakeover = offer.serverNoContextTakeover || !takesOverOwnContext
            answer.clientNoContextTakeover = offer.clientNoContextTakeover || !takesOverPeerContext
            let server = min(offer.serverMaxWindowBits ?? 15, ownWindowBits)
            answer.serverMaxWindowBits = offer.serverMaxWindowBits != nil || server < 15 ? server : nil
            if offer.mentionsClientMaxWindowBits {
                let client = min(offer.clientMaxWindowBits ?? 15, peerWindowBits)
                answer.clientMaxWindowBits = client < 15 ? client : nil
            } else if peerWindowBits < 15 {
                // A client that did not say that it can bound its window may not be asked to (RFC 7692 §7.1.2.2).
                continue
            }
            let agreement = PerMessageDeflate(
                serverNoContextTakeover: answer.serverNoContextTakeover,
                clientNoContextTakeover: answer.clientNoContextTakeover,
                serverMaxWindowBits: server, clientMaxWindowBits: answer.clientMaxWindowBits ?? 15)
            return (agreement, answer.headerValue)
        }
        return nil
    }
}
