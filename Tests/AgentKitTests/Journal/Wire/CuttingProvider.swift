import AgentKit
import AgentKitTesting
import StreamCore
import StreamTransport
import Synchronization
import WireProtocols

/// A provider on the wire whose first response is cut after some events; to what it is asked then it answers as providers do.
///
/// The same request gets the whole response. One that goes on from an assistant's turn gets ``tail``, one with the results of tools ``last``, and one for
/// what comes after a cursor the events that followed it.
final class CuttingProvider: Sendable {
    /// What was sent.
    enum Sent: Hashable {
        case cut, whole, rest, tail, last
    }

    static let tail = "— and that is all of it."
    static let last = "Done."

    let stream: WireStream
    private let cut: Int
    private let breaksOff: Bool
    private let state = Mutex<(sent: [Sent], body: [UInt8])>(([], []))

    /// - Parameter breaksOff: Whether the connection breaks, or the body just ends.
    init(_ stream: WireStream, cutAfter cut: Int, breaksOff: Bool) {
        self.stream = stream
        self.cut = cut
        self.breaksOff = breaksOff
    }

    var sent: [Sent] { state.withLock { $0.sent } }

    /// The model behind this provider.
    func model(_ capabilities: ModelCapabilities) -> any StreamingModel {
        let transport = ReplayTransport { request, _ in self.respond(to: request) }
        let capabilities = capabilities.union([.tools, .reasoning])
        guard stream.dialect == .openAIResponses else {
            return stream.dialect.model("m", apiKey: "k", transport: transport, capabilities: capabilities)
        }
        return OpenAIResponsesModel(
            "m", apiKey: "k", background: capabilities.contains(.backgroundResume), transport: transport,
            capabilities: capabilities)
    }

    private func respond(to request: ExchangeRequest) -> ReplayResponse {
        let sent = state.withLock { state -> Sent in
            if state.sent.isEmpty { state.body = request.body }
            let next: Sent =
                if state.sent.isEmpty { .cut } else if request.method == "GET" {
                    .rest
                } else if request.body
                    == state.body
                {
                    .whole
                } else if String(decoding: request.body, as: UTF8.self).contains(CuttingProvider.toolAnswer) {
                    .last
                } else { .tail }
            state.sent.append(next)
            return next
        }
        switch sent {
        case .cut:
            let isWhole = cut == stream.events.count
            let failure = TransportError(.connectionFailed, "the connection broke")
            return ReplayResponse.events(
                stream.events[..<cut].map(ReplayResponse.Step.bytes),
                ending: breaksOff && !isWhole ? .failure(failure) : .end)
        case .whole: return .events(stream.events.map(ReplayResponse.Step.bytes))
        case .rest:
            let number = request.url.split(separator: "=").last.flatMap { Int($0) } ?? -1
            return .events(stream.events.dropFirst(number + 1).map(ReplayResponse.Step.bytes))
        case .tail:
            return .events(
                WireStream.answer(CuttingProvider.tail, stream.dialect).events.map(ReplayResponse.Step.bytes))
        case .last:
            return .events(
                WireStream.answer(CuttingProvider.last, stream.dialect).events.map(ReplayResponse.Step.bytes))
        }
    }

    // MARK: What comes of it

    static let toolAnswer = "the tool's own answer"

    /// The tokens of all that was sent, each response's as told last.
    var usage: Usage {
        var sum = Usage.zero
        var response = Usage.zero
        for sent in sent {
            // The rest of a response tells the tokens of all of it once more.
            if sent != .rest { sum += response }
            switch sent {
            case .cut: response = stream.decoded(upTo: cut).usage ?? .zero
            case .whole, .rest: response = stream.whole.usage ?? .zero
            case .tail: response = WireStream.answer(CuttingProvider.tail, stream.dialect).whole.usage ?? .zero
            case .last: response = WireStream.answer(CuttingProvider.last, stream.dialect).whole.usage ?? .zero
            }
        }
        return sum + response
    }
}
