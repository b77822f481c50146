public import StreamCore

/// What an agent has to say about its progress; what is nil stays as it is.
public struct ProgressUpdate: Sendable, Hashable {
    /// Where the agent stands; a terminal status ends the attempt.
    public var status: ProgressStatus?
    /// How much of the work is done, 0 … 100; less than before counts as before.
    public var percentage: Double?
    /// The step that is under way, counted from 1; a new one begins with empty texts.
    public var currentStep: Int?
    /// How many steps there are.
    public var totalSteps: Int?
    /// What the current step is called; a new name begins with empty texts.
    public var stepName: String?
    /// The current step's text, in place of what was there.
    public var content: String?
    /// The next piece of the current step's text.
    public var contentDelta: String?
    /// What the agent thinks, in place of what was there.
    public var reasoning: String?
    /// The next piece of what the agent thinks.
    public var reasoningDelta: String?
    /// How sure the agent seems.
    public var confidence: Confidence?
    /// All that was used of each model so far, over all attempts; gives tokens and, by the host's prices, the cost.
    public var usage: UsageMeter?
    /// Tokens used so far, over all attempts, where ``usage`` is not known.
    public var tokensUsed: Int?
    /// What they cost, where it does not follow from ``usage``.
    public var cost: Cost?

    /// An update from what there is to say.
    public init(
        status: ProgressStatus? = nil, percentage: Double? = nil, currentStep: Int? = nil, totalSteps: Int? = nil,
        stepName: String? = nil, content: String? = nil, contentDelta: String? = nil, reasoning: String? = nil,
        reasoningDelta: String? = nil, confidence: Confidence? = nil, usage: UsageMeter? = nil,
        tokensUsed: Int? = nil, cost: Cost? = nil
    ) {
        self.status = status
        self.percentage = percentage
        self.currentStep = currentStep
        self.totalSteps = totalSteps
        self.stepName = stepName
        self.content = content
        self.contentDelta = contentDelta
        self.reasoning = reasoning
        self.reasoningDelta = reasoningDelta
        self.confidence = confidence
        self.usage = usage
        self.tokensUsed = tokensUsed
        self.cost = cost
    }

    /// A step begins; all before it are done, which gives the percentage.
    ///
    /// - Parameters:
    ///   - step: The step, counted from 1.
    ///   - total: How many there are.
    ///   - name: What it is called.
    public static func step(_ step: Int, of total: Int, _ name: String? = nil) -> ProgressUpdate {
        let done = Double(max(0, step) - (step > 0 ? 1 : 0))
        return ProgressUpdate(
            percentage: total > 0 ? 100 * done / Double(total) : nil, currentStep: step, totalSteps: total,
            stepName: name ?? "")
    }
}
