import StreamCore
import StreamRecovery
import Testing

@Suite struct IdleWatchdogTests {
    @Test func pingsAreNoProgress() {
        var watchdog = IdleWatchdog(limit: .seconds(60))
        #expect(watchdog.deadline == nil && !watchdog.isExpired(at: .seconds(1000)))
        watchdog.waits(at: .seconds(10))
        for second in 11..<70 {
            watchdog.saw(.ping, at: .seconds(second))
            #expect(!watchdog.isExpired(at: .seconds(second)))
        }
        #expect(watchdog.isExpired(at: .seconds(70)))
        watchdog.saw(.progress, at: .seconds(70))
        #expect(watchdog.deadline == .seconds(130))
        #expect(watchdog.failure.kind == .timeout && watchdog.failure.retryable)
    }

    @Test func aBusyReaderIsNoSilence() {
        var watchdog = IdleWatchdog(limit: .seconds(60))
        watchdog.waits(at: .zero)
        watchdog.pauses(at: .seconds(20))
        #expect(!watchdog.isExpired(at: .seconds(500)))
        // What had passed before the pause is not forgotten.
        watchdog.waits(at: .seconds(500))
        watchdog.waits(at: .seconds(510))
        #expect(watchdog.deadline == .seconds(540))
        watchdog.pauses(at: .seconds(510))
        watchdog.pauses(at: .seconds(520))
        watchdog.saw(.progress, at: .seconds(530))
        watchdog.waits(at: .seconds(600))
        #expect(watchdog.deadline == .seconds(660))
    }
}
