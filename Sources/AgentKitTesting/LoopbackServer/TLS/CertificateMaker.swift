/// Makes keys and certificates; whoever gets one frees it.
struct CertificateMaker {
    typealias Handle = OpenSSL.Handle
    let library: OpenSSL

    func makeKey() throws(LoopbackTLS.Failure) -> Handle {
        // EVP_PKEY_EC and NID_X9_62_prime256v1: what every client takes.
        let context = library.evpPkeyCtxNewId(408, nil)
        defer { library.evpPkeyCtxFree(context) }
        var key: Handle?
        guard library.evpPkeyKeygenInit(context) == 1,
            library.evpPkeyCtxSetEcParamgenCurveNid(context, 415) == 1,
            library.evpPkeyKeygen(context, &key) == 1,
            let key
        else { throw LoopbackTLS.Failure(description: "OpenSSL makes no key") }
        return key
    }

    /// - Parameters:
    ///   - issuer: Nil for a certificate that is signed by itself.
    ///   - extensions: Numbers (NID) and values, as in x509v3_config(5).
    func makeCertificate(
        subject: String, key: Handle, issuer: Handle?, issuerKey: Handle, lifetime: Duration,
        extensions: [(Int32, String)]
    ) throws(LoopbackTLS.Failure) -> Handle {
        let certificate = library.x509New()
        var isDone = false
        defer { if !isDone { library.x509Free(certificate) } }
        // Two days back: clocks differ, and one that has expired must have begun before.
        let start = -2 * 86_400
        let end = Int(max(-86_400, min(lifetime.components.seconds, 1 << 30)))
        let name = library.x509GetSubjectName(certificate)
        // MBSTRING_UTF8 is 0x1000; version 3 is written as 2.
        guard let certificate, library.x509SetVersion(certificate, 2) == 1,
            library.asn1IntegerSet(library.x509GetSerialNumber(certificate), .random(in: 1...(1 << 48))) == 1,
            library.x509GmtimeAdj(library.x509GetmNotBefore(certificate), start) != nil,
            library.x509GmtimeAdj(library.x509GetmNotAfter(certificate), end) != nil,
            library.x509SetPubkey(certificate, key) == 1,
            library.x509NameAddEntryByTxt(name, "CN", 0x1000, subject, -1, -1, 0) == 1,
            library.x509SetIssuerName(certificate, library.x509GetSubjectName(issuer ?? certificate)) == 1
        else { throw LoopbackTLS.Failure(description: "OpenSSL makes no certificate") }
        for (number, value) in extensions {
            let field = library.x509v3ExtConfNid(nil, nil, number, value)
            defer { library.x509ExtensionFree(field) }
            guard field != nil, library.x509AddExt(certificate, field, -1) == 1 else {
                throw LoopbackTLS.Failure(description: "OpenSSL does not take '\(value)' into a certificate")
            }
        }
        guard library.x509Sign(certificate, issuerKey, library.evpSha256()) > 0 else {
            throw LoopbackTLS.Failure(description: "OpenSSL does not sign a certificate")
        }
        isDone = true
        return certificate
    }

    func pem(_ write: (Handle) -> Int32) throws(LoopbackTLS.Failure) -> String {
        guard let memory = library.bioNew(library.bioSMem()) else {
            throw LoopbackTLS.Failure(description: "OpenSSL has no memory")
        }
        defer { _ = library.bioFree(memory) }
        guard write(memory) == 1 else { throw LoopbackTLS.Failure(description: "OpenSSL writes no PEM") }
        return String(decoding: library.takeAll(from: memory), as: UTF8.self)
    }
}

extension OpenSSL {
    /// Everything that waits in a memory BIO.
    func takeAll(from memory: Handle) -> [UInt8] {
        let count = bioCtrlPending(memory)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = Int(max(0, bioRead(memory, buffer.baseAddress, Int32(clamping: buffer.count))))
        }
    }
}
