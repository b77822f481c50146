/// Makes keys and certificates; whoever gets one frees it.
struct CertificateMaker {
    typealias Handle = OpenSSL.Handle
    let library: OpenSSL

    func makeKey() throws(LoopbackTLS.Failure) -> Handle {
        // EVP_PKEY_EC and NID_X9_62_prime256v1: what every client takes.
        let context = library.EVP_PKEY_CTX_new_id(408, nil)
        defer { library.EVP_PKEY_CTX_free(context) }
        var key: Handle?
        guard library.EVP_PKEY_keygen_init(context) == 1,
            library.EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, 415) == 1,
            library.EVP_PKEY_keygen(context, &key) == 1,
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
        let certificate = library.X509_new()
        var isDone = false
        defer { if !isDone { library.X509_free(certificate) } }
        // Two days back: clocks differ, and one that has expired must have begun before.
        let start = -2 * 86_400
        let end = Int(max(-86_400, min(lifetime.components.seconds, 1 << 30)))
        let name = library.X509_get_subject_name(certificate)
        // MBSTRING_UTF8 is 0x1000; version 3 is written as 2.
        guard let certificate, library.X509_set_version(certificate, 2) == 1,
            library.ASN1_INTEGER_set(library.X509_get_serialNumber(certificate), .random(in: 1...(1 << 48))) == 1,
            library.X509_gmtime_adj(library.X509_getm_notBefore(certificate), start) != nil,
            library.X509_gmtime_adj(library.X509_getm_notAfter(certificate), end) != nil,
            library.X509_set_pubkey(certificate, key) == 1,
            library.X509_NAME_add_entry_by_txt(name, "CN", 0x1000, subject, -1, -1, 0) == 1,
            library.X509_set_issuer_name(certificate, library.X509_get_subject_name(issuer ?? certificate)) == 1
        else { throw LoopbackTLS.Failure(description: "OpenSSL makes no certificate") }
        for (number, value) in extensions {
            let field = library.X509V3_EXT_conf_nid(nil, nil, number, value)
            defer { library.X509_EXTENSION_free(field) }
            guard field != nil, library.X509_add_ext(certificate, field, -1) == 1 else {
                throw LoopbackTLS.Failure(description: "OpenSSL does not take '\(value)' into a certificate")
            }
        }
        guard library.X509_sign(certificate, issuerKey, library.EVP_sha256()) > 0 else {
            throw LoopbackTLS.Failure(description: "OpenSSL does not sign a certificate")
        }
        isDone = true
        return certificate
    }

    func pem(_ write: (Handle) -> Int32) throws(LoopbackTLS.Failure) -> String {
        guard let memory = library.BIO_new(library.BIO_s_mem()) else {
            throw LoopbackTLS.Failure(description: "OpenSSL has no memory")
        }
        defer { _ = library.BIO_free(memory) }
        guard write(memory) == 1 else { throw LoopbackTLS.Failure(description: "OpenSSL writes no PEM") }
        return String(decoding: library.takeAll(from: memory), as: UTF8.self)
    }
}

extension OpenSSL {
    /// Everything that waits in a memory BIO.
    func takeAll(from memory: Handle) -> [UInt8] {
        let count = BIO_ctrl_pending(memory)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = Int(max(0, BIO_read(memory, buffer.baseAddress, Int32(clamping: buffer.count))))
        }
    }
}
