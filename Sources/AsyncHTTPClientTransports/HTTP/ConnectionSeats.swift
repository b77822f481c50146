#if AsyncHTTPClient
    import AsyncHTTPClient
    import NIOCore
    import Synchronization
    import WireProtocols

    /// Which event loop an exchange runs on, and whether it takes a connection of the client's pool or one of its own.
    ///
    /// Of the loops it is the first of those with the fewest exchanges: one after the other, exchanges find the connection of the one before
    /// them on their own loop; at the same time, they spread over the loops.
    final class ConnectionSeats: Sendable {
        /// A place that an exchange holds until its end.
        struct Seat: Sendable {
            let loop: any EventLoop
            let isPooled: Bool
            let leave: @Sendable () -> Void

            var preference: HTTPClient.EventLoopPreference {
                // A connection that must be on the loop may exceed the pool's limit.
                isPooled ? .delegate(on: loop) : .delegateAndChannel(on: loop)
            }
        }

        private struct Counts {
            var loops: [Int]
            var origins: [String: Int] = [:]
        }

        private let loops: [any EventLoop]
        private let pooled: Int
        private let counts: Mutex<Counts>

        init(loops: [any EventLoop], pooled: Int) {
            precondition(!loops.isEmpty, "an event loop group has at least one loop")
            self.loops = loops
            self.pooled = pooled
            counts = Mutex(Counts(loops: Array(repeating: 0, count: loops.count)))
        }

        func take(for url: AbsoluteURL) -> Seat {
            let origin = "\(url.scheme)://\(url.host.lowercased()):\(url.effectivePort)"
            let (index, isPooled) = counts.withLock { counts in
                let fewest = counts.loops.min() ?? 0
                let index = counts.loops.firstIndex(of: fewest) ?? 0
                counts.loops[index] += 1
                let count = counts.origins[origin, default: 0]
                counts.origins[origin] = count + 1
                return (index, count < pooled)
            }
            return Seat(
                loop: loops[index], isPooled: isPooled, leave: { [self] in leave(index, origin) })
        }

        private func leave(_ index: Int, _ origin: String) {
            counts.withLock { counts in
                counts.loops[index] -= 1
                let count = counts.origins[origin, default: 1] - 1
                counts.origins[origin] = count > 0 ? count : nil
            }
        }

        /// How many exchanges hold a seat, loop by loop.
        var takenCounts: [Int] { counts.withLock { $0.loops } }
    }
#endif
