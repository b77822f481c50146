#if Curl
    import CCurl
    import StreamTransport

    /// How a transfer of libcurl ended, and what that means: a value, so that the whole table can be tested.
    struct TransferFailure {
        /// The `CURLcode`.
        var code: CURLcode
        /// libcurl's text.
        var text: String
        /// Whether the final head had come.
        var hasHead: Bool
        var received: Int
        /// The length that the head promised, if it did.
        var expected: Int?

        func error(of name: String) -> TransportError {
            let underlying = CurlError(code: Int(code.rawValue), message: text)
            let kind = kind
            if kind == .truncatedBody {
                let length = expected.map { " of \($0)" } ?? ""
                return TransportError(
                    .truncatedBody,
                    "the connection of \(name) ended after \(received)\(length) bytes of the body: it is not whole",
                    underlying: underlying)
            }
            return TransportError(kind, "\(name): \(text)", underlying: underlying)
        }

        private var kind: TransportError.Code {
            switch code {
            case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_PROXY,
                CURLE_INTERFACE_FAILED:
                .connectionFailed
            case CURLE_PARTIAL_FILE: .truncatedBody
            case CURLE_RECV_ERROR: receiving
            case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM: .connectionLost
            case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformedResponse
            // Schemes were checked before: this is the version in a status line, or none at all (HTTP/0.9).
            case CURLE_UNSUPPORTED_PROTOCOL: .malformedResponse
            // libcurl's own limit of a line or of all lines.
            case CURLE_OUT_OF_MEMORY, ccurl_too_large: hasHead ? .other : .headTooLarge
            case CURLE_SSL_CONNECT_ERROR where isCut: .connectionFailed
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
                CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED,
                CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_SSL_CLIENTCERT:
                .tlsFailed
            case CURLE_URL_MALFORMAT: .invalidRequest
            case CURLE_OPERATION_TIMEDOUT: hasHead ? .idleTimeout : .connectTimeout
            default: .other
            }
        }

        /// Whether a TLS handshake failed because the connection ended within it; nothing is wrong with the other side's TLS then.
        private var isCut: Bool {
            let text = text.lowercased()
            return ["unexpected eof", "ssl_error_syscall", "reset by peer", "broken pipe"].contains {
                text.contains($0)
            }
        }

        /// One code stands for a broken connection, an invalid chunk and more; the text tells them apart.
        private var receiving: TransportError.Code {
            let text = text.lowercased()
            // A proxy that does not let us through.
            if !hasHead, text.contains("connect tunnel") || text.contains("from proxy") { return .connectionFailed }
            if text.contains("chunk") { return .malformedResponse }
            // A TLS connection without its goodbye (RFC 8446 §6.1): somebody cut it.
            if hasHead, text.contains("unexpected eof") { return .truncatedBody }
            return .connectionLost
        }
    }
#endif
