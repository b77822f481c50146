import DurableLog

/// The end of a time within which something is waited for.
struct Deadline: Sendable {
    private let wait: @Sendable () async -> Void

    init(_ clock: any Clock<Duration>, after duration: Duration) {
        func sleep<C: Clock<Duration>>(_ clock: C) -> @Sendable () async -> Void {
            let end = clock.now.advanced(by: duration)
            return { try? await clock.sleep(until: end, tolerance: nil) }
        }
        wait = sleep(clock)
    }

    /// Waits for an append.
    ///
    /// - Returns: False when the time was up before, or the task was cancelled.
    func wait(for subscription: AppendSubscription) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await subscription.wait()
                return true
            }
            group.addTask { [wait] in
                await wait()
                return false
            }
            let isAppended = await group.next() ?? false
            group.cancelAll()
            return isAppended && !Task.isCancelled
        }
    }
}
