/// The server's end of TLS on one connection: bytes in and bytes out, without a socket.
///
/// One thread uses it, that of its connection.
final class LoopbackTLSSession {
    /// What came out of received bytes.
    struct Opened {
        var plaintext: [UInt8] = []
        /// What the session itself has to say now, in its handshake for instance.
        var reply: [UInt8] = []
        /// The client has said goodbye, or what it sends is no TLS.
        var isEnded = false
    }

    private let library: OpenSSL
    private let session: OpenSSL.Handle
    /// Memory that the session reads from and writes to; it owns both.
    private let incoming: OpenSSL.Handle
    private let outgoing: OpenSSL.Handle

    init?(context: OpenSSL.Handle, library: OpenSSL) {
        guard let session = library.sslNew(context) else { return nil }
        guard let incoming = library.bioNew(library.bioSMem()), let outgoing = library.bioNew(library.bioSMem())
        else {
            library.sslFree(session)
            return nil
        }
        library.sslSetBio(session, incoming, outgoing)
        library.sslSetAcceptState(session)
        self.library = library
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
    }

    deinit {
        library.sslFree(session)
    }

    /// Takes what came from the client.
    func open(_ ciphertext: ArraySlice<UInt8>) -> Opened {
        // Errors are kept per thread, and an old one would be taken for a new one.
        library.errClearError()
        _ = ciphertext.withUnsafeBytes { library.bioWrite(incoming, $0.baseAddress, Int32(clamping: $0.count)) }
        var opened = Opened()
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = piece.withUnsafeMutableBytes { library.sslRead(session, $0.baseAddress, Int32($0.count)) }
            if count > 0 {
                opened.plaintext += piece.prefix(Int(count))
                continue
            }
            // SSL_ERROR_WANT_READ: the rest of a record is to come.
            opened.isEnded = library.sslGetError(session, count) != 2
            opened.reply = library.takeAll(from: outgoing)
            return opened
        }
    }

    /// Makes records of what is to be sent, at most 16 KiB; nil when the session has ended.
    func seal(_ plaintext: ArraySlice<UInt8>) -> [UInt8]? {
        guard !plaintext.isEmpty else { return [] }
        library.errClearError()
        let count = plaintext.withUnsafeBytes { library.sslWrite(session, $0.baseAddress, Int32(clamping: $0.count)) }
        return count == plaintext.count ? library.takeAll(from: outgoing) : nil
    }

    /// The goodbye (close_notify, RFC 8446 §6.1).
    func goodbye() -> [UInt8] {
        library.errClearError()
        _ = library.sslShutdown(session)
        return library.takeAll(from: outgoing)
    }
}
