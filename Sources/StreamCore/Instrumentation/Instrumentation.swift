/// Where the package reports what it does: one hook, without a dependency, for logs, metrics and traces.
///
/// The handler is called on the path that does the work, so it must return soon and must not block.
public struct Instrumentation: Sendable {
    private let handler: (@Sendable (InstrumentationEvent) -> Void)?

    /// A hook that calls `handler` with each event.
    public init(_ handler: @escaping @Sendable (InstrumentationEvent) -> Void) {
        self.handler = handler
    }

    private init() {
        handler = nil
    }

    /// Reports to nobody; costs a comparison.
    public static let none = Instrumentation()

    /// Reports an event, which is built only when somebody listens.
    @inlinable
    public func report(_ event: @autoclosure () -> InstrumentationEvent) {
        if isListening { deliver(event()) }
    }

    @usableFromInline
    var isListening: Bool { handler != nil }

    @usableFromInline
    func deliver(_ event: InstrumentationEvent) {
        handler?(event)
    }
}
