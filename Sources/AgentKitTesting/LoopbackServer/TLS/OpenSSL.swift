#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The functions of OpenSSL 3 that a loopback server needs for TLS, found at run time: so no package and no header is needed to build,
/// and tests over TLS run wherever the library is.
///
/// Each stands for the function of OpenSSL's manual with the name that is looked up for it below. Handles are opaque: what they point to is OpenSSL's alone.
struct OpenSSL: Sendable {
    typealias Handle = OpaquePointer
    typealias Text = UnsafePointer<CChar>

    typealias Make = @Sendable @convention(c) () -> Handle?
    typealias MakeFrom = @Sendable @convention(c) (Handle?) -> Handle?
    typealias Use = @Sendable @convention(c) (Handle?) -> Void
    typealias Ask = @Sendable @convention(c) (Handle?) -> Int32
    typealias AskInt = @Sendable @convention(c) (Handle?, Int32) -> Int32
    typealias AskLong = @Sendable @convention(c) (Handle?, Int) -> Int32
    typealias Pair = @Sendable @convention(c) (Handle?, Handle?) -> Int32
    typealias Read = @Sendable @convention(c) (Handle?, UnsafeMutableRawPointer?, Int32) -> Int32
    typealias Write = @Sendable @convention(c) (Handle?, UnsafeRawPointer?, Int32) -> Int32

    /// The library, or nil where there is none.
    static let shared = OpenSSL()

    let tlsServerMethod: Make
    let sslCtxNew: MakeFrom
    let sslCtxFree: Use
    let sslCtxUseCertificate: Pair
    let sslCtxUsePrivateKey: Pair
    let sslNew: MakeFrom
    let sslFree: Use
    let sslSetAcceptState: Use
    let sslSetBio: @Sendable @convention(c) (Handle?, Handle?, Handle?) -> Void
    let sslRead: Read
    let sslWrite: Write
    let sslGetError: AskInt
    let sslShutdown: Ask

    let errClearError: @Sendable @convention(c) () -> Void
    let bioSMem: Make
    let bioNew: MakeFrom
    let bioFree: Ask
    let bioRead: Read
    let bioWrite: Write
    let bioCtrlPending: @Sendable @convention(c) (Handle?) -> Int

    let evpPkeyCtxNewId: @Sendable @convention(c) (Int32, Handle?) -> Handle?
    let evpPkeyCtxFree: Use
    let evpPkeyKeygenInit: Ask
    let evpPkeyCtxSetEcParamgenCurveNid: AskInt
    let evpPkeyKeygen: @Sendable @convention(c) (Handle?, UnsafeMutablePointer<Handle?>?) -> Int32
    let evpPkeyFree: Use
    let evpSha256: Make
    let x509New: Make
    let x509Free: Use
    let x509SetVersion: AskLong
    let x509GetSerialNumber: MakeFrom
    let asn1IntegerSet: AskLong
    let x509GetmNotBefore: MakeFrom
    let x509GetmNotAfter: MakeFrom
    let x509GmtimeAdj: @Sendable @convention(c) (Handle?, Int) -> Handle?
    let x509SetPubkey: Pair
    let x509GetSubjectName: MakeFrom
    let x509SetIssuerName: Pair
    let x509NameAddEntryByTxt: @Sendable @convention(c) (Handle?, Text?, Int32, Text?, Int32, Int32, Int32) -> Int32
    let x509v3ExtConfNid: @Sendable @convention(c) (Handle?, Handle?, Int32, Text?) -> Handle?
    let x509AddExt: @Sendable @convention(c) (Handle?, Handle?, Int32) -> Int32
    let x509ExtensionFree: Use
    let x509Sign: @Sendable @convention(c) (Handle?, Handle?, Handle?) -> Int32
    let pemWriteBioX509: Pair
    let pemWriteBioPrivateKey:
        @Sendable @convention(c) (Handle?, Handle?, Handle?, Handle?, Int32, Handle?, Handle?) -> Int32

    private init?() {
        let names = [
            "libssl.so.3", "/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib",
            "/usr/local/opt/openssl@3/lib/libssl.3.dylib",
        ]
        // Never closed: the functions are used for as long as the process runs. A symbol of libcrypto is found through libssl.
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }

        struct Missing: Error {}
        func function<Function>(_ name: String, as type: Function.Type = Function.self) throws -> Function {
            guard let symbol = dlsym(library, name) else { throw Missing() }
            // A C function's address is what a value of a C function type holds, and each type above is the one that OpenSSL's
            // manual gives for the name, with pointers to its structures as opaque ones.
            return unsafeBitCast(symbol, to: type)
        }
        do {
            tlsServerMethod = try function("TLS_server_method")
            sslCtxNew = try function("SSL_CTX_new")
            sslCtxFree = try function("SSL_CTX_free")
            sslCtxUseCertificate = try function("SSL_CTX_use_certificate")
            sslCtxUsePrivateKey = try function("SSL_CTX_use_PrivateKey")
            sslNew = try function("SSL_new")
            sslFree = try function("SSL_free")
            sslSetAcceptState = try function("SSL_set_accept_state")
            sslSetBio = try function("SSL_set_bio")
            sslRead = try function("SSL_read")
            sslWrite = try function("SSL_write")
            sslGetError = try function("SSL_get_error")
            sslShutdown = try function("SSL_shutdown")
            errClearError = try function("ERR_clear_error")
            bioSMem = try function("BIO_s_mem")
            bioNew = try function("BIO_new")
            bioFree = try function("BIO_free")
            bioRead = try function("BIO_read")
            bioWrite = try function("BIO_write")
            bioCtrlPending = try function("BIO_ctrl_pending")
            evpPkeyCtxNewId = try function("EVP_PKEY_CTX_new_id")
            evpPkeyCtxFree = try function("EVP_PKEY_CTX_free")
            evpPkeyKeygenInit = try function("EVP_PKEY_keygen_init")
            evpPkeyCtxSetEcParamgenCurveNid = try function("EVP_PKEY_CTX_set_ec_paramgen_curve_nid")
            evpPkeyKeygen = try function("EVP_PKEY_keygen")
            evpPkeyFree = try function("EVP_PKEY_free")
            evpSha256 = try function("EVP_sha256")
            x509New = try function("X509_new")
            x509Free = try function("X509_free")
            x509SetVersion = try function("X509_set_version")
            x509GetSerialNumber = try function("X509_get_serialNumber")
            asn1IntegerSet = try function("ASN1_INTEGER_set")
            x509GetmNotBefore = try function("X509_getm_notBefore")
            x509GetmNotAfter = try function("X509_getm_notAfter")
            x509GmtimeAdj = try function("X509_gmtime_adj")
            x509SetPubkey = try function("X509_set_pubkey")
            x509GetSubjectName = try function("X509_get_subject_name")
            x509SetIssuerName = try function("X509_set_issuer_name")
            x509NameAddEntryByTxt = try function("X509_NAME_add_entry_by_txt")
            x509v3ExtConfNid = try function("X509V3_EXT_conf_nid")
            x509AddExt = try function("X509_add_ext")
            x509ExtensionFree = try function("X509_EXTENSION_free")
            x509Sign = try function("X509_sign")
            pemWriteBioX509 = try function("PEM_write_bio_X509")
            pemWriteBioPrivateKey = try function("PEM_write_bio_PrivateKey")
        } catch {
            return nil
        }
    }
}
