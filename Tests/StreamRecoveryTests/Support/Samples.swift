import StreamCore
import StreamRecovery

/// Situations that tests begin with.
enum Sample {
    static let cursor = ResponseCursor(responseID: "r", sequenceNumber: 90)

    static func failure(_ kind: FailureKind, retryable: Bool? = nil) -> Failure {
        Failure(kind: kind, retryable: retryable ?? kind.isTransient, message: "it broke")
    }

    static func route(
        _ capabilities: ModelCapabilities = [], _ availability: ProviderAvailability = .available,
        provider: String = "p"
    ) -> RecoveryRoute {
        RecoveryRoute(
            provider: provider, model: "\(provider)-1", capabilities: capabilities, availability: availability)
    }

    static func situation(
        _ kind: FailureKind = .transport, emitted: [EmittedBlock] = [], _ capabilities: ModelCapabilities = [],
        cursor: ResponseCursor? = nil, history: RecoveryHistory = RecoveryHistory()
    ) -> RecoverySituation {
        RecoverySituation(
            failure: failure(kind), emitted: emitted, cursor: cursor, current: route(capabilities), history: history)
    }

    static func text(_ id: Int, _ text: String, open: Bool = false) -> EmittedBlock {
        EmittedBlock(id: id, kind: .text, isFinished: !open, text: text)
    }

    static func block(_ id: Int, _ kind: EmittedBlock.Kind, open: Bool = false) -> EmittedBlock {
        EmittedBlock(
            id: id, kind: kind, isFinished: !open, toolName: kind == .hostedTool || kind == .toolCall ? "search" : nil,
            hasRun: kind == .hostedTool)
    }

    static let origin = ChunkOrigin(projectID: "project", agentID: "agent", runID: "run")
}

extension RecoveryDecision {
    var recovery: Recovery? {
        if case .recover(let recovery) = self { recovery } else { nil }
    }

    var refusal: RecoveryRefusal? {
        if case .giveUp(let refusal) = self { refusal } else { nil }
    }
}
