import AgentKitTesting
import Testing

@testable import WireProtocols

@Suite struct WebSocketCompressionTests {
    @Test("Compressed messages are read beside others", arguments: [WebSocketRole.client, .server])
    func compressedMessagesAreReadBesideOthers(_ role: WebSocketRole) {
        let key: UInt32? = role == .server ? 0x0A0B_0C0D : nil
        let bytes =
            frame(2, [3], rsv: 4, key: key) + frame(2, [3], key: key) + frame(1, [65], fin: false, rsv: 4, key: key)
            + frame(9, key: key) + frame(0, [66], key: key)
        let whole = read(bytes, by: role, decompressor: RunDecompressor())
        #expect(
            whole.events == [
                .message(.binary([3, 3, 3])), .message(.binary([3])), .ping([]),
                .message(.text(String(repeating: "A", count: 65) + String(repeating: "B", count: 66))),
            ])
        #expect(read(bytes.map { [$0] }, by: role, decompressor: RunDecompressor()) == whole)
    }

    @Test("RSV1 stands in the first frame of a message alone") func rsv1StandsInTheFirstFrameOfAMessageAlone() {
        let continued = frame(1, [65], fin: false, rsv: 4) + frame(0, [65], rsv: 4)
        #expect(read(continued, decompressor: RunDecompressor()).violation?.code == .protocolError)
        #expect(read(frame(9, rsv: 4), decompressor: RunDecompressor()).violation?.code == .protocolError)
        #expect(read(frame(8, rsv: 4), decompressor: RunDecompressor()).violation?.code == .protocolError)
    }

    @Test("The limit holds for what is decompressed, and about for what is compressed")
    func theLimitHoldsForWhatIsDecompressedAndAboutForWhatIsCompressed() {
        let limits = WebSocketLimits(messageSize: 300)
        let good = frame(2, [100, 100, 100], rsv: 4)
        #expect(read(good, limits: limits, decompressor: RunDecompressor()).violation == nil)
        let bomb = frame(2, [100, 100, 101], rsv: 4)
        #expect(read(bomb, limits: limits, decompressor: RunDecompressor()).violation?.code == .messageTooBig)
        // Compressed it may have 1 KiB and a 256th more.
        let room = limits.compressedMessageSize
        #expect(room == 300 + 1 + 1024)
        let empty = frame(2, [UInt8](repeating: 0, count: room), rsv: 4)
        #expect(read(empty, limits: limits, decompressor: RunDecompressor()).violation == nil)
        let more = frame(2, [UInt8](repeating: 0, count: room), fin: false, rsv: 4) + frame(0, [0])
        #expect(read(more, limits: limits, decompressor: RunDecompressor()).violation?.code == .messageTooBig)
        #expect(WebSocketLimits(messageSize: .max).compressedMessageSize == .max)
        #expect(WebSocketLimits(messageSize: -1).messageSize == 0)
    }

    @Test("What cannot be decompressed is refused, and text must be UTF-8 then too")
    func whatCannotBeDecompressedIsRefusedAndTextMustBeUTF8ThenToo() {
        #expect(read(frame(2, [255], rsv: 4), decompressor: RunDecompressor()).violation?.code == .invalidPayload)
        #expect(read(frame(1, [200], rsv: 4), decompressor: RunDecompressor()).violation?.code == .invalidPayload)
    }

    @Test("Every message is finished, empty ones too") func everyMessageIsFinishedEmptyOnesToo() {
        let decompressor = RunDecompressor()
        _ = read(frame(2, rsv: 4) + frame(2, [1], fin: false, rsv: 4) + frame(0), decompressor: decompressor)
        #expect(decompressor.finished == 2)
    }
}

@Suite struct PerMessageDeflateTests {
    @Test(
        "Lists of extensions",
        arguments: [
            ("", [] as [String]?),
            ("a", ["a"]), ("a, b", ["a", "b"]), (" a ;x , b; y=1 ;z = \"2\" ", ["a x", "b y=1 z=2"]),
            ("a; x=\"\\2\"", ["a x=2"]), (",a,,b,", ["a", "b"]),
            ("a;", nil), ("a; =1", nil), ("a; x=", nil), ("a b", nil), ("a; x=\"1", nil), ("a; x=\"a b\"", nil),
            ("a; x=\"\"", nil), ("a; x=\"\\", nil), (";", nil), ("a=1", nil), ("é", nil),
        ])
    func listsOfExtensions(_ text: String, _ expected: [String]?) {
        let parsed = WebSocketExtension.parse([text])?.map { element in
            ([element.name] + element.parameters.map { $0.name + ($0.value.map { "=\($0)" } ?? "") })
                .joined(separator: " ")
        }
        #expect(parsed == expected)
    }

    @Test("Lists without end are refused") func listsWithoutEndAreRefused() {
        #expect(WebSocketExtension.parse([String(repeating: "a,", count: 100)]) == nil)
        #expect(WebSocketExtension.parse(["a" + String(repeating: ";x", count: 100)]) == nil)
        #expect(WebSocketExtension.parse([String(repeating: "a", count: 5000)]) == nil)
    }

    @Test(arguments: [
        (PerMessageDeflatePolicy(), "permessage-deflate; client_max_window_bits"),
        (
            PerMessageDeflatePolicy(takesOverOwnContext: false, takesOverPeerContext: false),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"
        ),
        (
            PerMessageDeflatePolicy(ownWindowBits: 10, peerWindowBits: 12),
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=10"
        ),
        (PerMessageDeflatePolicy(ownWindowBits: 8), "permessage-deflate; client_max_window_bits=9"),
    ])
    func offers(_ policy: PerMessageDeflatePolicy, _ expected: String) {
        #expect(policy.offerHeaderValue == expected)
    }

    private func answered(_ answer: String, _ policy: PerMessageDeflatePolicy) -> PerMessageDeflate? {
        WebSocketExtension.parse([answer])?.first.flatMap { policy.agreement(answer: $0.parameters) }
    }

    @Test(
        "Answers to the plain offer",
        arguments: [
            ("", PerMessageDeflate() as PerMessageDeflate?),
            ("; server_no_context_takeover", PerMessageDeflate(serverNoContextTakeover: true)),
            ("; client_no_context_takeover", PerMessageDeflate(clientNoContextTakeover: true)),
            ("; server_max_window_bits=8", PerMessageDeflate(serverMaxWindowBits: 8)),
            ("; client_max_window_bits=\"10\"", PerMessageDeflate(clientMaxWindowBits: 10)),
            ("; client_max_window_bits=8", PerMessageDeflate(clientMaxWindowBits: 8)),
            ("; client_max_window_bits", nil), ("; client_max_window_bits=7", nil),
            ("; client_max_window_bits=16", nil),
            ("; server_max_window_bits", nil), ("; server_max_window_bits=010", nil),
            ("; server_max_window_bits=+9", nil),
            ("; server_no_context_takeover=1", nil), ("; client_no_context_takeover=true", nil),
            ("; server_no_context_takeover; server_no_context_takeover", nil), ("; other", nil),
        ])
    func answersToThePlainOffer(_ answer: String, _ expected: PerMessageDeflate?) {
        #expect(answered("permessage-deflate" + answer, PerMessageDeflatePolicy()) == expected)
    }

    @Test("What was asked of the server must be confirmed") func whatWasAskedOfTheServerMustBeConfirmed() {
        let policy = PerMessageDeflatePolicy(takesOverPeerContext: false, peerWindowBits: 10)
        #expect(answered("permessage-deflate", policy) == nil)
        #expect(answered("permessage-deflate; server_no_context_takeover", policy) == nil)
        #expect(
            answered("permessage-deflate; server_no_context_takeover; server_max_window_bits=11", policy) == nil)
        #expect(
            answered("permessage-deflate; server_no_context_takeover; server_max_window_bits=9", policy)
                == PerMessageDeflate(serverNoContextTakeover: true, serverMaxWindowBits: 9))
    }

    @Test("A client keeps to what it offered of itself") func aClientKeepsToWhatItOfferedOfItself() {
        let policy = PerMessageDeflatePolicy(takesOverOwnContext: false, ownWindowBits: 11)
        #expect(
            answered("permessage-deflate", policy)
                == PerMessageDeflate(clientNoContextTakeover: true, clientMaxWindowBits: 11))
        #expect(answered("permessage-deflate; client_max_window_bits=9", policy)?.clientMaxWindowBits == 9)
    }

    @Test(
        "What a server answers",
        arguments: [
            ("", nil as String?), ("x-webkit-deflate-frame", nil), ("permessage-deflate", "permessage-deflate"),
            ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
            ("other, permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=8"),
            ("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            ("permessage-deflate; client_max_window_bits=9", "permessage-deflate; client_max_window_bits=9"),
            ("permessage-deflate; foo, permessage-deflate", "permessage-deflate"),
            ("permessage-deflate; server_max_window_bits", nil), ("permessage-deflate; server_max_window_bits=7", nil),
            ("permessage-deflate;", nil),
        ])
    func whatAServerAnswers(_ offer: String, _ expected: String?) {
        #expect(PerMessageDeflatePolicy().agreement(offers: [offer])?.answerHeaderValue == expected)
    }

    @Test("A server's policy is part of the answer") func aServerSPolicyIsPartOfTheAnswer() {
        let policy = PerMessageDeflatePolicy(
            takesOverOwnContext: false, takesOverPeerContext: false, ownWindowBits: 10, peerWindowBits: 12)
        #expect(policy.agreement(offers: ["permessage-deflate"]) == nil)
        let answer = policy.agreement(offers: ["permessage-deflate; client_max_window_bits"])
        #expect(
            answer?.answerHeaderValue
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12"
        )
        #expect(
            answer?.agreement
                == PerMessageDeflate(
                    serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10,
                    clientMaxWindowBits: 12))
    }

    @Test("Client and server agree with each other, whatever their policies")
    func clientAndServerAgreeWithEachOtherWhateverTheirPolicies() {
        let policies = [true, false].flatMap { own in
            [true, false].flatMap { peer in
                [9, 12, 15].flatMap { ownBits in
                    [8, 12, 15].map { peerBits in
                        PerMessageDeflatePolicy(
                            takesOverOwnContext: own, takesOverPeerContext: peer, ownWindowBits: ownBits,
                            peerWindowBits: peerBits)
                    }
                }
            }
        }
        for client in policies {
            for server in policies {
                guard let (agreed, answer) = server.agreement(offers: [client.offerHeaderValue]) else {
                    Issue.record("no agreement: \(client) \(server)")
                    continue
                }
                let seen = answered(answer, client)
                // The client may bind itself further than the server knows.
                guard let seen else {
                    Issue.record("not understood: \(answer)")
                    continue
                }
                #expect(seen.serverNoContextTakeover == agreed.serverNoContextTakeover)
                #expect(seen.serverMaxWindowBits == agreed.serverMaxWindowBits)
                #expect(seen.clientMaxWindowBits <= agreed.clientMaxWindowBits)
                #expect(seen.clientNoContextTakeover || !agreed.clientNoContextTakeover)
                #expect(!seen.serverNoContextTakeover || !(client.takesOverPeerContext && server.takesOverOwnContext))
            }
        }
    }
}
