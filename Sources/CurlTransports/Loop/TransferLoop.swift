#if Curl
    import CCurl
    import StreamTransport

    #if canImport(Darwin)
        import Darwin
    #elseif canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    /// The loop of a transport's thread: does what the mailbox says, has libcurl work, and gives readers what has come.
    final class TransferLoop {
        /// The time of this turn of the loop: one look at the clock serves all transfers.
        private(set) var now = ContinuousClock.now
        /// The transfers that have something for their readers.
        var touched: [ActiveTransfer] = []
        /// Whether one of them has so much that it is not to wait.
        var isUrgent = false

        private let multi: MultiHandle
        private let client: CurlClient
        private var active: [ObjectIdentifier: ActiveTransfer] = [:]
        /// When to look at the deadlines again.
        private var nextCheck: ExchangeDeadlines.Instant?
        /// Since when something is held back, see ``holdsBack()``.
        private var heldSince: ExchangeDeadlines.Instant?
        private static let longestHold = Duration.microseconds(100)

        init(multi: MultiHandle, client: CurlClient) {
            self.multi = multi
            self.client = client
        }

        func run() {
            TransferLoop.blockSignals()
            while true {
                let mail = client.takeMail()
                now = .now
                for command in mail.commands { obey(command) }
                if mail.isShutDown { break }
                var count: Int32 = 0
                curl_multi_perform(multi.raw, &count)
                collect()
                if holdsBack() { continue }
                deliver()
                checkDeadlines()
                if mail.isFinishing, active.isEmpty, end() { return }
                curl_multi_poll(multi.raw, nil, 0, timeout, nil)
            }
            _ = end()
        }

        /// Keeps signals from this thread.
        ///
        /// libcurl is told to leave them alone. A TLS library that writes to a closed socket would end the process by SIGPIPE, which goes to the
        /// thread that caused it; the others are for the program's own threads.
        private static func blockSignals() {
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, nil)
        }

        private func obey(_ command: CurlClient.Command) {
            switch command {
            case .start(let transfer): start(transfer)
            case .resume(let transfer):
                // It may have ended meanwhile.
                if let active = active[ObjectIdentifier(transfer)] { resume(active) }
            case .remove(let transfer):
                if let active = active[ObjectIdentifier(transfer)] { remove(active) }
            }
        }

        private func start(_ transfer: Transfer) {
            guard !transfer.isEnded else { return }
            guard let active = ActiveTransfer(transfer, configuration: client.configuration, loop: self) else {
                return transfer.ended(.other, "libcurl does not take the request")
            }
            guard curl_multi_add_handle(multi.raw, active.easy) == CURLM_OK else {
                return transfer.ended(.other, "libcurl does not take the transfer")
            }
            self.active[ObjectIdentifier(transfer)] = active
            checkLater(transfer)
        }

        /// Whether to read on before anything is handed over, as there is more to be read already.
        ///
        /// To wake a reader costs more than to read a small piece: so a server that sends many of them without a pause has its readers
        /// woken once for all that comes within 100 µs. What nothing follows at once is not held back.
        private func holdsBack() -> Bool {
            guard !touched.isEmpty, !isUrgent else { return false }
            let since = heldSince ?? now
            heldSince = since
            guard since.duration(to: now) < TransferLoop.longestHold else { return false }
            var ready: Int32 = 0
            return curl_multi_poll(multi.raw, nil, 0, 0, &ready) == CURLM_OK && ready > 0
        }

        /// Hands over what has come.
        private func deliver() {
            heldSince = nil
            isUrgent = false
            guard !touched.isEmpty else { return }
            let batch = touched
            touched.removeAll(keepingCapacity: true)
            for active in batch {
                active.isTouched = false
                let hadHead = active.isDelivered
                active.isDelivered = active.hasHead
                if active.transfer.deliver(at: now) { resume(active) }
                // The idle limit begins to count with the head.
                if !hadHead, active.hasHead { checkLater(active.transfer) }
            }
        }

        private func resume(_ active: ActiveTransfer) {
            // It may bring what libcurl has kept, by the callbacks, before it returns. When they refuse some of that, libcurl says so here and
            // goes on with the transfer all the same.
            let code = curl_easy_pause(active.easy, ccurl_unpause)
            guard code != CURLE_OK else { return }
            active.transfer.completed(code, text: active.text(of: code))
            remove(active)
        }

        private func collect() {
            var left: Int32 = 0
            while let message = curl_multi_info_read(multi.raw, &left) {
                guard message.pointee.msg == CURLMSG_DONE else { continue }
                let code = message.pointee.data.result
                guard let active = ActiveTransfer.of(easy: message.pointee.easy_handle) else { continue }
                active.transfer.completed(code, text: active.text(of: code))
                remove(active)
            }
        }

        private func remove(_ active: ActiveTransfer) {
            curl_multi_remove_handle(multi.raw, active.easy)
            self.active[ObjectIdentifier(active.transfer)] = nil
        }

        // MARK: Time

        private func checkLater(_ transfer: Transfer) {
            guard let instant = transfer.nextCheck(after: now) else { return }
            nextCheck = nextCheck.map { min($0, instant) } ?? instant
        }

        private func checkDeadlines() {
            guard let due = nextCheck, due <= now else { return }
            // Those that end put their removal into the mailbox.
            nextCheck = active.values.compactMap { $0.transfer.check(at: now) }.min()
        }

        /// How long to wait at most, in milliseconds; libcurl's own timers and the mailbox end the wait by themselves.
        private var timeout: Int32 {
            // The look of holdsBack() takes the signal of a command that came in between: it is not given again.
            guard touched.isEmpty, !client.hasMail else { return 0 }
            guard let nextCheck else { return 3_600_000 }
            let (seconds, attoseconds) = max(.zero, ContinuousClock.now.duration(to: nextCheck)).components
            // Rounded up, so that the deadline has passed then.
            return seconds >= 3600 ? 3_600_000 : Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
        }

        // MARK: The end

        /// Ends what is left and frees everything.
        ///
        /// - Returns: Whether it is over; there may be new commands.
        private func end() -> Bool {
            guard let rest = client.closeMailbox() else { return false }
            var transfers = active.values.map(\.transfer)
            for case .start(let transfer) in rest { transfers.append(transfer) }
            for active in active.values { curl_multi_remove_handle(multi.raw, active.easy) }
            touched = []
            active = [:]
            multi.cleanUp()
            for transfer in transfers { transfer.ended(.shutDown, "the transport was shut down") }
            client.threadEnds()
            return true
        }
    }
#endif
