#if Curl
    import CCurl

    /// libcurl's multi handle, which one thread uses; others may wake it.
    // The thread that is started with it is the only one to use the handle, but for curl_multi_wakeup (see WakeUp).
    struct MultiHandle: @unchecked Sendable {
        let raw: UnsafeMutableRawPointer

        /// Whether libcurl is initialised, once in a process.
        private static let isInitialised = curl_global_init(ccurl_global_default) == CURLE_OK

        /// A handle; nil when libcurl cannot be initialised.
        init?(configuration: CurlTransport.Configuration) {
            guard MultiHandle.isInitialised, let raw = curl_multi_init() else { return nil }
            self.raw = raw
            ccurl_multi_set_long(raw, CURLMOPT_MAXCONNECTS, configuration.maxKeptConnections)
            // A stream of HTTP/2 that is paused can hold up the others of its connection: so each has its own.
            ccurl_multi_set_long(raw, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        }

        /// What wakes the thread while the handle exists.
        var wakeUp: WakeUp { WakeUp(raw: raw) }

        func cleanUp() {
            curl_multi_cleanup(raw)
        }
    }

    /// Wakes the thread of a multi handle.
    // curl_multi_wakeup(3) may be called from any thread while the handle exists: it is called under the lock of the client's state, and
    // the thread takes it out of there before it cleans the handle up.
    struct WakeUp: @unchecked Sendable {
        fileprivate let raw: UnsafeMutableRawPointer

        func signal() {
            curl_multi_wakeup(raw)
        }
    }
#endif
