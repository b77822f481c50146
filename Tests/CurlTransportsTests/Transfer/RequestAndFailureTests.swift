#if Curl
    import CCurl
    import StreamTransport
    import Testing
    import WireProtocols

    @testable import CurlTransports

    @Suite("Requests in libcurl's form")
    struct OutgoingRequestTests {
        private func outgoing(_ method: String, body: [UInt8] = [], headers: HeaderFields = [:]) throws
            -> OutgoingRequest
        {
            try OutgoingRequest(
                ExchangeRequest(method: method, url: "http://A.test/x?token=secret#f", headers: headers, body: body))
        }

        @Test(
            "How the method is told",
            arguments: [
                ("GET", false, OutgoingRequest.Kind.get), ("GET", true, .withBody), ("HEAD", false, .head),
                ("POST", false, .withBody), ("POST", true, .withBody), ("PUT", false, .withBody),
                ("DELETE", false, .other),
                ("DELETE", true, .withBody), ("OPTIONS", false, .other), ("QUERY", true, .withBody),
            ])
        func kinds(method: String, hasBody: Bool, kind: OutgoingRequest.Kind) throws {
            let request = try outgoing(method, body: hasBody ? [1] : [])
            #expect(request.kind == kind)
            #expect(request.method == method)
        }

        @Test("Lines: fields in order, empty values, and nothing of libcurl's own making")
        func lines() throws {
            #expect(
                try outgoing("GET", headers: ["A": "b", "c": ""]).lines == [
                    "A: b", "c;", "user-agent: swift-agent-streams", "content-type:", "expect:",
                ])
            #expect(
                try outgoing("POST", headers: ["User-Agent": "x", "Content-Type": "y", "Expect": "z"]).lines == [
                    "User-Agent: x", "Content-Type: y", "Expect: z",
                ])
        }

        @Test("The URL is sent without a fragment, and no secret of it is in messages")
        func url() throws {
            let request = try outgoing("GET")
            #expect(request.url == "http://a.test/x?token=secret")
            #expect(!request.name.contains("secret"))
        }

        @Test("A HEAD request has no body")
        func head() {
            let error = #expect(throws: TransportError.self) { try outgoing("HEAD", body: [1]) }
            #expect(error?.code == .unsupported)
        }
    }

    @Suite("How a transfer failed")
    struct TransferFailureTests {
        private func error(_ code: CURLcode, _ text: String = "text", hasHead: Bool = false) -> TransportError {
            TransferFailure(code: code, text: text, hasHead: hasHead, received: 3, expected: hasHead ? 7 : nil)
                .error(of: "GET x")
        }

        @Test(
            "Codes",
            arguments: [
                (CURLE_COULDNT_RESOLVE_HOST, TransportError.Code.connectionFailed),
                (CURLE_COULDNT_CONNECT, .connectionFailed),
                (CURLE_PROXY, .connectionFailed), (CURLE_GOT_NOTHING, .connectionLost),
                (CURLE_SEND_ERROR, .connectionLost),
                (CURLE_HTTP2_STREAM, .connectionLost), (CURLE_WEIRD_SERVER_REPLY, .malformedResponse),
                (CURLE_UNSUPPORTED_PROTOCOL, .malformedResponse), (CURLE_OUT_OF_MEMORY, .headTooLarge),
                (CURLE_PEER_FAILED_VERIFICATION, .tlsFailed), (CURLE_SSL_CONNECT_ERROR, .tlsFailed),
                (CURLE_OPERATION_TIMEDOUT, .connectTimeout), (CURLE_URL_MALFORMAT, .invalidRequest),
                (CURLE_RECV_ERROR, .connectionLost), (CURLE_READ_ERROR, .other),
            ])
        func codes(code: CURLcode, expected: TransportError.Code) {
            let error = error(code)
            #expect(error.code == expected)
            #expect(error.message.contains("GET x"))
            #expect((error.underlying as? CurlError)?.code == Int(code.rawValue))
        }

        @Test("The text tells a broken connection, an invalid chunk and a cut TLS connection apart")
        func receiving() {
            let chunk = "Illegal or missing hexadecimal sequence in chunked-encoding"
            #expect(error(CURLE_RECV_ERROR, chunk, hasHead: true).code == .malformedResponse)
            #expect(
                error(CURLE_RECV_ERROR, "Recv failure: Connection reset by peer", hasHead: true).code == .connectionLost
            )
            let cut = "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0"
            #expect(error(CURLE_RECV_ERROR, cut, hasHead: true).code == .truncatedBody)
            #expect(error(CURLE_RECV_ERROR, cut).code == .connectionLost)
            #expect(error(CURLE_RECV_ERROR, "CONNECT tunnel failed, response 403").code == .connectionFailed)
        }

        @Test(
            "A connection that ends within the TLS handshake is no fault of TLS",
            arguments: [
                "OpenSSL SSL_connect: Connection reset by peer in connection to a.test:443 ",
                "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a.test:443 ",
                "OpenSSL/3.0.14: error:0A000126:SSL routines::unexpected eof while reading",
                "OpenSSL SSL_connect: Broken pipe in connection to a.test:443 ",
            ])
        func cutHandshake(text: String) {
            #expect(error(CURLE_SSL_CONNECT_ERROR, text).code == .connectionFailed)
            #expect(error(CURLE_PEER_FAILED_VERIFICATION, text).code == .tlsFailed)
        }

        @Test("A body that is not whole says how much of it there is")
        func truncated() {
            let error = error(CURLE_PARTIAL_FILE, hasHead: true)
            #expect(error.code == .truncatedBody)
            #expect(error.message.contains("3 of 7 bytes"))
        }
    }
#endif
