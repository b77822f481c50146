import StreamRecovery
import Testing

@Suite struct RecordedCallTests {
    private func call(
        _ progress: RecordedCall.Progress, idempotent: Bool = false, _ approval: RecordedCall.Approval = .unknown
    ) -> RecordedCall {
        RecordedCall(id: "c", toolName: "pay", progress: progress, isIdempotent: idempotent, approval: approval)
    }

    @Test(arguments: [ToolReruns.never, .ask, .always, .only(["pay"]), .askUnless(["look"])])
    func whatIsCertainNeedsNobody(_ reruns: ToolReruns) {
        let manager = RecoveryManager(toolReruns: reruns)
        for approval in [RecordedCall.Approval.unknown, .granted, .denied] {
            #expect(manager.disposition(of: call(.finished, approval)) == .keep)
            #expect(manager.disposition(of: call(.notStarted, approval)) == .run)
            // Whoever was asked has the last word.
            let started = manager.disposition(of: call(.started, idempotent: true, approval))
            if approval == .granted { #expect(started == .runAgain) }
            if approval == .denied { #expect(started.isAnswer) }
        }
        #expect(manager.disposition(of: call(.started, idempotent: true)) == .runAgain)
    }

    @Test func aCallWithoutAResultIsNeitherRepeatedNorForgotten() {
        #expect(RecoveryManager().disposition(of: call(.started)).isAnswer)
        #expect(RecoveryManager(toolReruns: .only(["look"])).disposition(of: call(.started)).isAnswer)
        #expect(RecoveryManager(toolReruns: .only(["pay"])).disposition(of: call(.started)) == .runAgain)
        #expect(RecoveryManager(toolReruns: .always).disposition(of: call(.started)) == .runAgain)
        #expect(RecoveryManager(toolReruns: .ask).disposition(of: call(.started)) == .ask)
        #expect(RecoveryManager(toolReruns: .askUnless(["pay"])).disposition(of: call(.started)) == .runAgain)
    }
}

extension CallDisposition {
    fileprivate var isAnswer: Bool {
        if case .answer(let text) = self { text.contains("pay") } else { false }
    }
}
