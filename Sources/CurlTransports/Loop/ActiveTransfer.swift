#if Curl
    import CCurl
    import StreamTransport

    /// A transfer that libcurl works on: its easy handle, and what the callbacks need.
    ///
    /// The loop's thread alone uses it.
    final class ActiveTransfer {
        let transfer: Transfer
        let easy: UnsafeMutableRawPointer
        /// Where libcurl writes its messages; it lives as long as the handle.
        private let message: UnsafeMutablePointer<CChar>
        private var lines: UnsafeMutablePointer<curl_slist>?
        private var assembler: HeadAssembler
        private unowned let loop: TransferLoop
        /// Whether the loop has it in its list of those that have something for their reader.
        var isTouched = false
        /// Whether the loop knows that the head has come.
        var isDelivered = false
        var hasHead: Bool { assembler.isDone }

        /// A handle for a transfer; nil when libcurl has no memory left.
        init?(_ transfer: Transfer, configuration: CurlTransport.Configuration, loop: TransferLoop) {
            guard let easy = curl_easy_init() else { return nil }
            self.transfer = transfer
            self.easy = easy
            self.loop = loop
            assembler = HeadAssembler(limit: configuration.headLimit)
            message = .allocate(capacity: Int(CURL_ERROR_SIZE))
            message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
            guard configure(configuration) else { return nil }
        }

        deinit {
            curl_easy_cleanup(easy)
            curl_slist_free_all(lines)
            message.deallocate()
        }

        /// libcurl's text for how the transfer ended.
        func text(of code: CURLcode) -> String {
            // libcurl ends its texts with a NUL within the buffer, and the other text is a constant of its own.
            message.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: message)
        }

        /// The transfer that a callback is about.
        // libcurl calls back on the loop's thread, within calls that the loop makes, and for handles in the loop's table only: so the
        // object whose address it was given is alive.
        private static func of(_ pointer: UnsafeMutableRawPointer?) -> ActiveTransfer? {
            pointer.map { Unmanaged<ActiveTransfer>.fromOpaque($0).takeUnretainedValue() }
        }

        /// The same for the loop, which asks a handle.
        static func of(easy: UnsafeMutableRawPointer?) -> ActiveTransfer? {
            var pointer: UnsafeMutableRawPointer?
            guard let easy, ccurl_get_pointer(easy, CURLINFO_PRIVATE, &pointer) == CURLE_OK else { return nil }
            return of(pointer)
        }

        private func touch(isUrgent: Bool = false) {
            if isUrgent { loop.isUrgent = true }
            guard !isTouched else { return }
            isTouched = true
            loop.touched.append(self)
        }

        private func headerLine(_ line: UnsafeRawBufferPointer) -> Bool {
            switch assembler.take(line) {
            case .needsMore: return true
            case .head(let head):
                touch()
                return transfer.headArrived(head, at: loop.now)
            case .tooLarge: transfer.ended(.headTooLarge, "the head is larger than headLimit allows")
            case .malformed: transfer.ended(.malformedResponse, "the answer is not HTTP")
            }
            return false
        }

        // MARK: The handle

        private func configure(_ configuration: CurlTransport.Configuration) -> Bool {
            let request = transfer.request
            let this = Unmanaged.passUnretained(self).toOpaque()
            var isDone = true
            func set(_ code: CURLcode) { isDone = isDone && code == CURLE_OK }
            func set(_ option: CURLoption, _ value: Int) { set(ccurl_set_long(easy, option, value)) }
            func set(_ option: CURLoption, _ value: String?) { set(ccurl_set_text(easy, option, value)) }

            set(CURLOPT_NOSIGNAL, 1)
            set(ccurl_never_wait_for_lookups(easy))
            set(ccurl_set_pointer(easy, CURLOPT_PRIVATE, this))
            set(ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, message))
            set(ccurl_allow_http_only(easy))
            set(CURLOPT_URL, request.url)
            set(CURLOPT_PATH_AS_IS, 1)
            set(CURLOPT_FOLLOWLOCATION, 0)
            set(CURLOPT_HTTP_VERSION, configuration.allowsHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
            set(CURLOPT_BUFFERSIZE, 64 << 10)
            set(CURLOPT_TCP_KEEPALIVE, 1)
            set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
            // libcurl's own limit of 5 minutes may be shorter than ours: it gets the longest that there is.
            set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32.max))

            set(
                ccurl_set_writer(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, pointer in
                    guard let active = ActiveTransfer.of(pointer) else { return 0 }
                    // As curl_easy_setopt(3) promises: so many bytes stand there until the callback returns.
                    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
                    guard !piece.isEmpty else { return 0 }
                    switch active.transfer.bytesArrived(piece) {
                    case .taken:
                        active.touch()
                        return piece.count
                    case .takenLast:
                        active.touch(isUrgent: true)
                        return piece.count
                    case .paused:
                        // The reader may have begun to wait in between.
                        active.touch(isUrgent: true)
                        return ccurl_write_pause
                    case .unwanted: return 0
                    }
                })
            set(ccurl_set_pointer(easy, CURLOPT_WRITEDATA, this))
            set(
                ccurl_set_writer(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, pointer in
                    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return ActiveTransfer.of(pointer)?.headerLine(line) == true ? line.count : 0
                })
            set(ccurl_set_pointer(easy, CURLOPT_HEADERDATA, this))
            set(
                ccurl_set_prerequest(easy) { pointer, _, _, _, _ in
                    ActiveTransfer.of(pointer)?.transfer.connectionStands()
                    return CURL_PREREQFUNC_OK
                })
            set(ccurl_set_pointer(easy, CURLOPT_PREREQDATA, this))

            for line in request.lines {
                guard let longer = curl_slist_append(lines, line) else { return false }
                lines = longer
            }
            set(ccurl_set_list(easy, CURLOPT_HTTPHEADER, lines))
            switch request.kind {
            case .get: set(CURLOPT_HTTPGET, 1)
            case .head: set(CURLOPT_NOBODY, 1)
            case .other: set(CURLOPT_CUSTOMREQUEST, request.method)
            case .withBody:
                set(CURLOPT_POST, 1)
                set(CURLOPT_CUSTOMREQUEST, request.method)
                set(ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
                if request.body.isEmpty {
                    set(CURLOPT_COPYPOSTFIELDS, "")
                } else {
                    // Copied: the pointer is valid within the closure only.
                    set(request.body.withUnsafeBytes { ccurl_set_bytes(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) })
                }
            }

            switch configuration.proxy.kind {
            case .environment: break
            case .none: set(CURLOPT_PROXY, "")
            case .url(let url, let bypass):
                set(CURLOPT_PROXY, url)
                set(CURLOPT_NOPROXY, bypass)
            }
            switch configuration.trust.kind {
            case .system: break
            case .file(let path):
                set(CURLOPT_CAINFO, path)
                // Else the system's authorities would be trusted beside them.
                set(CURLOPT_CAPATH, nil)
            case .pem(let text):
                var text = text
                set(text.withUTF8 { ccurl_set_blob(easy, CURLOPT_CAINFO_BLOB, $0.baseAddress, $0.count) })
                set(CURLOPT_CAPATH, nil)
            case .everybody:
                set(CURLOPT_SSL_VERIFYPEER, 0)
                set(CURLOPT_SSL_VERIFYHOST, 0)
            }
            return isDone
        }
    }
#endif
