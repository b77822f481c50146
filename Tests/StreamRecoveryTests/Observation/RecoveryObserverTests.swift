import DurableLog
import StreamCore
import StreamRecovery
import Testing

@Suite struct RecoveryObserverTests {
    private static let origin = ChunkOrigin(projectID: "site", agentID: "writer", runID: "run")
    private static let other = ChunkOrigin(projectID: "site", agentID: "editor", runID: "other")

    private static func seam(_ attempt: Int, _ cause: FailureKind, of origin: ChunkOrigin = origin) -> StreamEvent {
        Seam(
            origin: origin, attempt: attempt, strategy: .prefill, provider: "p", model: "m", cause: cause,
            delay: .milliseconds(250)
        ).event
    }

    private static func event(_ payload: AgentChunk.Payload, of origin: ChunkOrigin = origin) -> StreamEvent {
        StreamEvent(AgentChunk(payload, block: 0), from: origin)
    }

    private static let failure = Failure(kind: .server, retryable: true, message: "broken")

    /// An attempt that fails, one that brings text, one that is the end.
    private static let events: [StreamEvent] = [
        event(.content("a")), seam(1, .transport), event(.content("of another"), of: other),
        seam(2, .overloaded), event(.reasoning("b")), event(.content("c")), seam(1, .timeout, of: other),
        seam(3, .interrupted), event(.error(failure)), event(.content("after the end")), seam(4, .transport),
    ]

    private static func check(_ attempts: [RecoveryAttempt]) {
        #expect(attempts.map(\.attempt) == [1, 1, 2, 2, 3, 3])
        #expect(
            attempts.map(\.cause.kind) == [
                .transport, .transport, .overloaded, .overloaded, .interrupted, .interrupted,
            ])
        #expect(attempts.allSatisfy { $0.runID == "run" && $0.strategy == "prefill" && $0.delay == .milliseconds(250) })
        #expect(attempts.allSatisfy { $0.provider == "p" && $0.model == "m" })
        let outcomes = attempts.map(\.outcome)
        #expect([outcomes[0], outcomes[2], outcomes[4]] == [.decided, .decided, .decided])
        if case .failed(let failure) = outcomes[1] { #expect(failure.kind == .overloaded) } else { Issue.record("1") }
        #expect(outcomes[3] == .progressed)
        #expect(outcomes[5] == .failed(failure))
    }

    @Test func tellsOfEachAttemptTwice() throws {
        var observer = RecoveryObserver(runID: "run")
        var attempts: [RecoveryAttempt] = []
        for event in Self.events { attempts += try observer.apply(event) }
        Self.check(attempts)
        #expect(observer.isEnded)
    }

    @Test func aRunThatEndsWellMadeProgress() throws {
        var observer = RecoveryObserver(runID: "run")
        #expect(try observer.apply(Self.seam(1, .transport)).map(\.outcome) == [.decided])
        #expect(try observer.apply(Self.event(.usage(Usage(input: 1)))).isEmpty)
        #expect(try observer.apply(Self.event(.finish(.stop))).map(\.outcome) == [.progressed])
    }

    @Test func whatCannotBeReadIsToldAndPassedOver() throws {
        var observer = RecoveryObserver(runID: "run")
        let broken = StreamEvent(type: .seam, source: "writer", payload: Array("{".utf8))
        #expect(throws: EventFormatError.self) { try observer.apply(broken) }
        #expect(try observer.apply(Self.seam(1, .transport)).count == 1)
        // What readers do not see says nothing either.
        var hidden = Self.event(.content("x"))
        hidden.visibility = .internal
        #expect(try observer.apply(hidden).isEmpty)
    }

    @Test(arguments: [false, true])
    func theLogTellsThemAsTheyHappen(isLate: Bool) async throws {
        let log = MemoryEventLog()
        try await log.create("site")
        if isLate { try await log.append(Self.events, to: "site") }
        let reader = Task {
            var attempts: [RecoveryAttempt] = []
            for try await attempt in log.recoveryAttempts(of: "run", in: "site") { attempts.append(attempt) }
            return attempts
        }
        if !isLate { for event in Self.events { try await log.append([event], to: "site") } }
        // The run's end is the sequence's, although the stream goes on.
        Self.check(try await reader.value)
    }
}
