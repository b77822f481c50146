public import StreamCore

/// A model that may be asked, and whether its provider can be asked at the moment.
public struct RecoveryRoute: Sendable, Hashable {
    /// The provider's name, by which ``ProviderHealth`` counts.
    public var provider: String
    /// The model's name.
    public var model: String
    /// What the model and its endpoint can do.
    public var capabilities: ModelCapabilities
    /// Whether the provider can be asked; ``RecoveryManager/decide(_:health:using:)`` fills it in.
    public var availability: ProviderAvailability

    /// A route from its parts.
    public init(
        provider: String, model: String, capabilities: ModelCapabilities = [],
        availability: ProviderAvailability = .available
    ) {
        self.provider = provider
        self.model = model
        self.capabilities = capabilities
        self.availability = availability
    }
}

/// Whether a provider can be asked once more.
public enum ProviderAvailability: Sendable, Hashable {
    /// It can.
    case available
    /// The retries that its requests have earned are used up.
    case retryBudgetSpent
    /// Its circuit breaker is open, or waits for its probe; it lets a request through after that time at the earliest.
    case breakerOpen(Duration)
}
