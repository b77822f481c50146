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
/// The names are those of OpenSSL's manual. Handles are opaque: what they point to is OpenSSL's alone.
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

    let TLS_server_method: Make
    let SSL_CTX_new: MakeFrom
    let SSL_CTX_free: Use
    let SSL_CTX_use_certificate: Pair
    let SSL_CTX_use_PrivateKey: Pair
    let SSL_new: MakeFrom
    let SSL_free: Use
    let SSL_set_accept_state: Use
    let SSL_set_bio: @Sendable @convention(c) (Handle?, Handle?, Handle?) -> Void
    let SSL_read: Read
    let SSL_write: Write
    let SSL_get_error: AskInt
    let SSL_shutdown: Ask

    let ERR_clear_error: @Sendable @convention(c) () -> Void
    let BIO_s_mem: Make
    let BIO_new: MakeFrom
    let BIO_free: Ask
    let BIO_read: Read
    let BIO_write: Write
    let BIO_ctrl_pending: @Sendable @convention(c) (Handle?) -> Int

    let EVP_PKEY_CTX_new_id: @Sendable @convention(c) (Int32, Handle?) -> Handle?
    let EVP_PKEY_CTX_free: Use
    let EVP_PKEY_keygen_init: Ask
    let EVP_PKEY_CTX_set_ec_paramgen_curve_nid: AskInt
    let EVP_PKEY_keygen: @Sendable @convention(c) (Handle?, UnsafeMutablePointer<Handle?>?) -> Int32
    let EVP_PKEY_free: Use
    let EVP_sha256: Make
    let X509_new: Make
    let X509_free: Use
    let X509_set_version: AskLong
    let X509_get_serialNumber: MakeFrom
    let ASN1_INTEGER_set: AskLong
    let X509_getm_notBefore: MakeFrom
    let X509_getm_notAfter: MakeFrom
    let X509_gmtime_adj: @Sendable @convention(c) (Handle?, Int) -> Handle?
    let X509_set_pubkey: Pair
    let X509_get_subject_name: MakeFrom
    let X509_set_issuer_name: Pair
    let X509_NAME_add_entry_by_txt:
        @Sendable @convention(c) (Handle?, Text?, Int32, Text?, Int32, Int32, Int32) -> Int32
    let X509V3_EXT_conf_nid: @Sendable @convention(c) (Handle?, Handle?, Int32, Text?) -> Handle?
    let X509_add_ext: @Sendable @convention(c) (Handle?, Handle?, Int32) -> Int32
    let X509_EXTENSION_free: Use
    let X509_sign: @Sendable @convention(c) (Handle?, Handle?, Handle?) -> Int32
    let PEM_write_bio_X509: Pair
    let PEM_write_bio_PrivateKey:
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
            TLS_server_method = try function("TLS_server_method")
            SSL_CTX_new = try function("SSL_CTX_new")
            SSL_CTX_free = try function("SSL_CTX_free")
            SSL_CTX_use_certificate = try function("SSL_CTX_use_certificate")
            SSL_CTX_use_PrivateKey = try function("SSL_CTX_use_PrivateKey")
            SSL_new = try function("SSL_new")
            SSL_free = try function("SSL_free")
            SSL_set_accept_state = try function("SSL_set_accept_state")
            SSL_set_bio = try function("SSL_set_bio")
            SSL_read = try function("SSL_read")
            SSL_write = try function("SSL_write")
            SSL_get_error = try function("SSL_get_error")
            SSL_shutdown = try function("SSL_shutdown")
            ERR_clear_error = try function("ERR_clear_error")
            BIO_s_mem = try function("BIO_s_mem")
            BIO_new = try function("BIO_new")
            BIO_free = try function("BIO_free")
            BIO_read = try function("BIO_read")
            BIO_write = try function("BIO_write")
            BIO_ctrl_pending = try function("BIO_ctrl_pending")
            EVP_PKEY_CTX_new_id = try function("EVP_PKEY_CTX_new_id")
            EVP_PKEY_CTX_free = try function("EVP_PKEY_CTX_free")
            EVP_PKEY_keygen_init = try function("EVP_PKEY_keygen_init")
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid = try function("EVP_PKEY_CTX_set_ec_paramgen_curve_nid")
            EVP_PKEY_keygen = try function("EVP_PKEY_keygen")
            EVP_PKEY_free = try function("EVP_PKEY_free")
            EVP_sha256 = try function("EVP_sha256")
            X509_new = try function("X509_new")
            X509_free = try function("X509_free")
            X509_set_version = try function("X509_set_version")
            X509_get_serialNumber = try function("X509_get_serialNumber")
            ASN1_INTEGER_set = try function("ASN1_INTEGER_set")
            X509_getm_notBefore = try function("X509_getm_notBefore")
            X509_getm_notAfter = try function("X509_getm_notAfter")
            X509_gmtime_adj = try function("X509_gmtime_adj")
            X509_set_pubkey = try function("X509_set_pubkey")
            X509_get_subject_name = try function("X509_get_subject_name")
            X509_set_issuer_name = try function("X509_set_issuer_name")
            X509_NAME_add_entry_by_txt = try function("X509_NAME_add_entry_by_txt")
            X509V3_EXT_conf_nid = try function("X509V3_EXT_conf_nid")
            X509_add_ext = try function("X509_add_ext")
            X509_EXTENSION_free = try function("X509_EXTENSION_free")
            X509_sign = try function("X509_sign")
            PEM_write_bio_X509 = try function("PEM_write_bio_X509")
            PEM_write_bio_PrivateKey = try function("PEM_write_bio_PrivateKey")
        } catch {
            return nil
        }
    }
}
