#if NIO
    import WireProtocols

    /// What is to be sent and was not taken by the event loop yet, as a value.
    struct WebSocketOutbox {
        typealias Waiter = CheckedContinuation<Result<Void, WebSocketFailure>, Never>

        enum Item {
            case message(WebSocketMessage)
            case close(WebSocketClosure)
        }

        private struct Entry {
            let id: UInt64
            let item: Item
            var waiter: Waiter?

            var byteCount: Int {
                if case .message(let message) = item { message.byteCount } else { 0 }
            }
        }

        /// Who sends beyond so many bytes or messages waits.
        static let byteLimit = 64 << 10
        static let countLimit = 1024

        private var entries: [Entry?] = []
        private var first = 0
        private var byteCount = 0
        private var nextID: UInt64 = 0
        /// Whether the event loop knows that there is something.
        private var isKnown = false
        /// Why nothing more is taken.
        private(set) var failure: WebSocketFailure?

        private var hasRoom: Bool {
            byteCount < WebSocketOutbox.byteLimit && entries.count - first < WebSocketOutbox.countLimit
        }

        // MARK: The senders' side

        mutating func makeID() -> UInt64 {
            nextID += 1
            return nextID
        }

        enum Put {
            /// Taken; whether the event loop must be told.
            case taken(tells: Bool)
            case mustWait
            case failed(WebSocketFailure)
        }

        /// Adds an item when there is room.
        mutating func put(_ item: Item) -> Put {
            if let failure { return .failed(failure) }
            guard hasRoom else { return .mustWait }
            return .taken(tells: append(Entry(id: makeID(), item: item, waiter: nil)))
        }

        /// Adds an item whose sender waits until the event loop takes it; returns whether the loop must be told.
        mutating func put(_ item: Item, id: UInt64, waiter: Waiter) -> Bool {
            append(Entry(id: id, item: item, waiter: waiter))
        }

        /// The last thing that is sent; returns whether the event loop must be told.
        mutating func close(_ closure: WebSocketClosure) -> Bool {
            guard failure == nil else { return false }
            defer { failure = .closed }
            return append(Entry(id: makeID(), item: .close(closure), waiter: nil))
        }

        /// Takes an item out that the event loop has not taken yet; returns who waits with it.
        mutating func remove(id: UInt64) -> Waiter? {
            guard let index = entries[first...].firstIndex(where: { $0?.id == id }), let entry = entries[index] else {
                return nil
            }
            entries.remove(at: index)
            byteCount -= entry.byteCount
            return entry.waiter
        }

        private mutating func append(_ entry: Entry) -> Bool {
            entries.append(entry)
            byteCount += entry.byteCount
            defer { isKnown = true }
            return !isKnown
        }

        // MARK: The event loop's side

        /// The next item and who waits with it; nil when there is none, and then the loop is told of the next one.
        mutating func pop() -> (item: Item, waiter: Waiter?)? {
            guard first < entries.count, let entry = entries[first] else {
                isKnown = false
                return nil
            }
            entries[first] = nil
            first += 1
            // Moved up when half of the array is empty: constant time on average.
            if first * 2 >= entries.count {
                entries.removeFirst(first)
                first = 0
            }
            byteCount -= entry.byteCount
            return (entry.item, entry.waiter)
        }

        /// Takes nothing more and drops what there is; returns whom to tell.
        mutating func fail(_ failure: WebSocketFailure) -> [Waiter] {
            if self.failure == nil { self.failure = failure }
            defer {
                entries = []
                (first, byteCount) = (0, 0)
            }
            return entries.compactMap { $0?.waiter }
        }
    }
#endif
