/// A certificate for a loopback server, of an authority that was made for it and is thrown away with it.
///
/// Clients that are to trust the server are given ``authority``. Keys exist in memory only, unless you write them somewhere; they
/// protect nothing but tests.
///
/// It works with OpenSSL 3, which is looked for at run time; where there is none (``isAvailable``), it cannot be made.
public final class LoopbackTLS: Sendable {
    /// Why no certificate could be made.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was missing or failed.
        public let description: String
    }

    /// Whether OpenSSL 3 is there.
    public static var isAvailable: Bool { OpenSSL.shared != nil }

    /// The authority's certificate, PEM.
    public let authority: String
    /// The server's certificate, PEM: for servers other than the loopback server.
    public let certificate: String
    /// The server's private key, PEM: for servers other than the loopback server.
    public let privateKey: String

    let library: OpenSSL
    private let context: Owned
    private let issuer: Issuer

    // OpenSSL counts references to contexts, keys and certificates atomically, and none is changed any more when it is here.
    private final class Owned: @unchecked Sendable {
        let handle: OpenSSL.Handle
        private let free: OpenSSL.Use

        init(_ handle: OpenSSL.Handle, freedBy free: @escaping OpenSSL.Use) {
            self.handle = handle
            self.free = free
        }

        deinit { free(handle) }
    }

    private struct Issuer: Sendable {
        let certificate: Owned
        let key: Owned
        let text: String
    }

    /// An authority and a server's certificate by it.
    ///
    /// - Parameters:
    ///   - names: The DNS names and IPv4 addresses that the certificate is for.
    ///   - lifetime: How long the certificate is valid from now on; with a negative one it has expired.
    /// - Throws: ``Failure`` where there is no OpenSSL 3.
    public convenience init(
        names: [String] = ["127.0.0.1", "localhost"], lifetime: Duration = .seconds(86_400)
    ) throws(Failure) {
        guard let library = OpenSSL.shared else {
            throw Failure(
                description: "no OpenSSL 3 here (libssl.so.3): install libssl3, or leave out the tests over TLS")
        }
        let maker = CertificateMaker(library: library)
        let key = Owned(try maker.makeKey(), freedBy: library.evpPkeyFree)
        let certificate = Owned(
            try maker.makeCertificate(
                subject: "loopback authority", key: key.handle, issuer: nil, issuerKey: key.handle,
                lifetime: .seconds(86_400), extensions: [(87, "critical,CA:TRUE"), (83, "critical,keyCertSign")]),
            freedBy: library.x509Free)
        let text = try maker.pem { library.pemWriteBioX509($0, certificate.handle) }
        try self.init(
            library: library, issuer: Issuer(certificate: certificate, key: key, text: text), names: names,
            lifetime: lifetime)
    }

    private init(library: OpenSSL, issuer: Issuer, names: [String], lifetime: Duration) throws(Failure) {
        let maker = CertificateMaker(library: library)
        let key = Owned(try maker.makeKey(), freedBy: library.evpPkeyFree)
        let alternatives = names.map { name in
            name.allSatisfy { $0.isNumber || $0 == "." } ? "IP:\(name)" : "DNS:\(name)"
        }
        let certificate = Owned(
            try maker.makeCertificate(
                subject: "loopback server", key: key.handle, issuer: issuer.certificate.handle,
                issuerKey: issuer.key.handle, lifetime: lifetime,
                extensions: [
                    (87, "critical,CA:FALSE"), (83, "critical,digitalSignature"), (126, "serverAuth"),
                    (85, alternatives.joined(separator: ",")),
                ]), freedBy: library.x509Free)
        guard let handle = library.sslCtxNew(library.tlsServerMethod()) else {
            throw Failure(description: "OpenSSL makes no context")
        }
        context = Owned(handle, freedBy: library.sslCtxFree)
        guard library.sslCtxUseCertificate(handle, certificate.handle) == 1,
            library.sslCtxUsePrivateKey(handle, key.handle) == 1
        else { throw Failure(description: "OpenSSL does not take its own certificate") }
        self.library = library
        self.issuer = issuer
        authority = issuer.text
        self.certificate = try maker.pem { library.pemWriteBioX509($0, certificate.handle) }
        privateKey = try maker.pem { library.pemWriteBioPrivateKey($0, key.handle, nil, nil, 0, nil, nil) }
    }

    /// A further certificate by the same authority.
    ///
    /// - Parameters:
    ///   - names: The DNS names and IPv4 addresses that the certificate is for.
    ///   - lifetime: How long the certificate is valid from now on; with a negative one it has expired.
    public func sibling(
        names: [String] = ["127.0.0.1", "localhost"], lifetime: Duration = .seconds(86_400)
    ) throws(Failure) -> LoopbackTLS {
        try LoopbackTLS(library: library, issuer: issuer, names: names, lifetime: lifetime)
    }

    /// A session for one connection; nil when OpenSSL has no memory left.
    func makeSession() -> LoopbackTLSSession? {
        LoopbackTLSSession(context: context.handle, library: library)
    }
}
