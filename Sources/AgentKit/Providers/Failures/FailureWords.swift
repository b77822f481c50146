internal import StreamCore
internal import WireProtocols

/// What the words and numbers in providers' errors mean.
///
/// Sources: the error pages of Anthropic, OpenAI, Azure OpenAI, Groq, OpenRouter, Mistral and DeepSeek, and the error types in
/// the servers of vLLM, llama.cpp and Ollama.
enum FailureWords {
    /// The kind that a code or type stands for, unless it may stand for several.
    static func kind(ofWord word: String?) -> FailureKind? {
        switch word?.lowercased() {
        case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error",
            "billing_limit_user_error", "quota_exceeded", "insufficient_balance", "insufficient_credits",
            "insufficient_funds", "payment_required", "credit_limit_reached", "usage_limit_reached",
            "usage_limit_exceeded", "spend_limit_exceeded", "access_terminated":
            .quotaExceeded
        case "context_length_exceeded", "exceed_context_size_error", "model_max_prompt_tokens_exceeded",
            "tokens_limit_reached", "context_window_exceeded":
            .contextLength
        case "overloaded_error", "overloaded", "server_overloaded", "engine_overloaded", "engine_overloaded_error",
            "server_is_overloaded", "service_unavailable", "service_unavailable_error", "serviceunavailableerror",
            "unavailable_error", "unavailable", "slow_down", "capacity_exceeded", "over_capacity",
            "flex_capacity_exceeded":
            .overloaded
        case "rate_limit_error", "rate_limit_exceeded", "rate_limit_reached", "rate_limit_reached_error",
            "rate_limited", "ratelimiterror", "too_many_requests", "toomanyrequests", "resource_exhausted",
            "throttling", "concurrency_limit_exceeded":
            .rateLimited
        case "authentication_error", "authenticationerror", "invalid_api_key", "invalid_authentication",
            "invalid_authentication_error", "incorrect_api_key", "missing_api_key", "no_api_key", "unauthorized",
            "unauthenticated", "account_deactivated":
            .authentication
        case "permission_error", "permission_denied", "permissiondeniederror", "forbidden", "access_denied",
            "unsupported_country_region_territory", "organization_restricted", "model_not_allowed",
            "insufficient_permissions":
            .permission
        case "not_found_error", "notfounderror", "model_not_found", "model_not_available", "not_found",
            "model_decommissioned", "model_terms_required", "deploymentnotfound":
            .notFound
        case "timeout_error", "gateway_timeout", "gateway_timeout_error", "request_timeout", "timeout",
            "deadline_exceeded":
            .timeout
        case "content_filter", "content_policy_violation", "image_content_policy_violation", "bio_policy",
            "responsibleaipolicyviolation", "moderation_blocked", "content_moderation_error",
            "data_inspection_failed":
            .refused
        case "server_error", "internal_error", "internal_server_error", "internalservererror",
            "vector_store_timeout", "model_error", "upstream_error", "provider_error":
            .server
        case "invalid_prompt", "request_too_large", "tool_use_failed", "json_validate_failed",
            "unsupported_parameter", "unsupported_value", "invalid_value", "missing_required_parameter",
            "string_above_max_length", "unsupported_model", "badrequesterror", "unprocessableentityerror":
            .invalidRequest
        default: nil
        }
    }

    /// The kind that a word means when nothing else is known: these stand in errors of all kinds.
    static func kind(ofVagueWord word: String?) -> FailureKind? {
        switch word?.lowercased() {
        case "invalid_request_error", "invalid_request", "bad_request", "invalid_argument", "value_error":
            .invalidRequest
        case "api_error", "error", "exception", "unknown_error": .server
        case "tokens", "requests", "input_tokens", "output_tokens": .rateLimited
        default: nil
        }
    }

    /// What only the message says: providers answer an empty account and an over-long prompt with a code for anything.
    static func kind(ofMessage message: String?) -> FailureKind? {
        guard let message = message?.prefix(ProviderFailure.maxMessageLength).lowercased() else { return nil }
        func says(_ words: String...) -> Bool { words.contains { message.contains($0) } }
        if says(
            "exceeded your current quota", "credit balance is too low", "insufficient balance", "insufficient credit")
        {
            return .quotaExceeded
        }
        if says(
            "prompt is too long", "maximum context length", "exceeds the available context size",
            "exceed context limit", "exceeds the context window")
        {
            return .contextLength
        }
        return nil
    }

    /// The kind of an HTTP status, as providers use it; nil below 400, and for numbers of their own beyond HTTP's.
    static func kind(ofStatus status: Int) -> FailureKind? {
        switch status {
        case 402: .quotaExceeded
        case 409: .server
        // Groq's flex tier has no capacity.
        case 498: .overloaded
        case 499: .cancelled
        case 600...: nil
        default: ExchangeResponseHead(status: status).failureKind
        }
    }
}
