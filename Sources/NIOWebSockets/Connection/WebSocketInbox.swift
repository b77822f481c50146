#if NIO
    import WireProtocols

    /// The messages that have come and were not taken yet, as a value: filled on the event loop, emptied by the consumer.
    struct WebSocketInbox {
        typealias Waiter = CheckedContinuation<Result<WebSocketMessage?, WebSocketFailure>, Never>

        /// How many bytes and messages may wait before nothing more is read; one message goes beyond.
        static let byteLimit = 64 << 10
        static let countLimit = 128

        private var messages: [WebSocketMessage?] = []
        private var first = 0
        private(set) var byteCount = 0
        private var waiter: Waiter?
        /// How the connection ended; what came before is still to be taken.
        private(set) var end: Result<Void, WebSocketFailure>?
        /// Whether the event loop has stopped reading because of what waits here.
        private var isHoldingBack = false

        private var count: Int { messages.count - first }
        private var isFull: Bool { byteCount >= WebSocketInbox.byteLimit || count >= WebSocketInbox.countLimit }

        // MARK: The event loop's side

        /// Adds messages; returns whom to wake with what, and whether reading must stop.
        mutating func add(
            _ new: [WebSocketMessage]
        ) -> (waiter: Waiter?, message: WebSocketMessage?, isFull: Bool) {
            guard end == nil else { return (nil, nil, false) }
            var new = new[...]
            var woken: (Waiter, WebSocketMessage)?
            if let waiter, let message = new.popFirst() {
                self.waiter = nil
                woken = (waiter, message)
            }
            for message in new {
                messages.append(message)
                byteCount += message.byteCount
            }
            isHoldingBack = isFull
            return (woken?.0, woken?.1, isHoldingBack)
        }

        /// Nothing more comes; returns whom to tell.
        mutating func finish(_ result: Result<Void, WebSocketFailure>, droppingMessages: Bool) -> Waiter? {
            if droppingMessages {
                messages = []
                (first, byteCount) = (0, 0)
            }
            guard end == nil else { return nil }
            end = result
            defer { waiter = nil }
            return waiter
        }

        // MARK: The consumer's side

        enum Take {
            /// The answer, and whether the event loop is to read on.
            case answer(Result<WebSocketMessage?, WebSocketFailure>, resumesReading: Bool)
            case mustWait
        }

        /// Takes what can be had without waiting.
        mutating func take() -> Take {
            if first < messages.count, let message = messages[first] {
                messages[first] = nil
                first += 1
                // Moved up when half of the array is empty: constant time on average.
                if first * 2 >= messages.count {
                    messages.removeFirst(first)
                    first = 0
                }
                byteCount -= message.byteCount
                let resumes =
                    isHoldingBack && byteCount <= WebSocketInbox.byteLimit / 2
                    && count <= WebSocketInbox.countLimit / 2
                if resumes { isHoldingBack = false }
                return .answer(.success(message), resumesReading: resumes)
            }
            if let end { return .answer(end.map { nil }, resumesReading: false) }
            if waiter != nil { return .answer(.failure(.concurrentReceive), resumesReading: false) }
            return .mustWait
        }

        mutating func wait(_ waiter: Waiter) {
            self.waiter = waiter
        }

        mutating func removeWaiter() -> Waiter? {
            defer { waiter = nil }
            return waiter
        }
    }
#endif
