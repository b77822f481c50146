#if NIO
    import NIOCore
    import Synchronization

    /// The connections of a server, to be ended with it.
    final class ConnectionTable: Sendable {
        private struct State {
            var listener: (any Channel)?
            var isStopping = false
            var channels: [ObjectIdentifier: any Channel] = [:]
            var waiters: [CheckedContinuation<Void, Never>] = []
        }
        private let state = Mutex(State())

        /// Takes note of a connection; false when no more are taken.
        func add(_ channel: any Channel) -> Bool {
            let isTaken = state.withLock { state in
                if !state.isStopping { state.channels[ObjectIdentifier(channel)] = channel }
                return !state.isStopping
            }
            if isTaken { channel.closeFuture.whenComplete { _ in self.remove(channel) } }
            return isTaken
        }

        private func remove(_ channel: any Channel) {
            let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.channels[ObjectIdentifier(channel)] = nil
                guard state.channels.isEmpty else { return [] }
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        /// The server listens; at once closed again when it was told to stop before.
        func listen(on listener: any Channel) {
            let isStopping = state.withLock { state in
                state.listener = listener
                return state.isStopping
            }
            if isStopping { listener.close(promise: nil) }
        }

        func stopListening() {
            let listener = state.withLock { state in
                state.isStopping = true
                return state.listener
            }
            listener?.close(promise: nil)
        }

        /// Tells the connections that the server ends.
        func quiesce() {
            for channel in stop() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        }

        func closeAll() {
            for channel in stop() { channel.close(promise: nil) }
        }

        private func stop() -> [any Channel] {
            state.withLock { state in
                state.isStopping = true
                return Array(state.channels.values)
            }
        }

        func allClosed() async {
            await withCheckedContinuation { waiter in
                let isIdle = state.withLock { state in
                    if !state.channels.isEmpty { state.waiters.append(waiter) }
                    return state.channels.isEmpty
                }
                if isIdle { waiter.resume() }
            }
        }
    }
#endif
