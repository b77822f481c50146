import StreamCore
import Synchronization

/// An agent's source of randomness, shared by its runs so that they do not draw the same.
final class Jitter: Sendable {
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    init(_ generator: any RandomNumberGenerator & Sendable) {
        self.generator = Mutex(generator)
    }

    /// What the retry law says about a failed attempt, counted from 1.
    func decide(_ policy: RetryPolicy, _ error: ModelError, attempt: Int) -> RetryPolicy.Decision {
        generator.withLock { generator in
            policy.decide(
                error.kind, retryable: error.isRetryable, retryAfter: error.retryAfter, attempt: attempt,
                using: &generator)
        }
    }

    /// Lends the generator.
    func withGenerator<Value: Sendable>(
        _ body: (inout any RandomNumberGenerator & Sendable) -> Value
    ) -> Value {
        generator.withLock { body(&$0) }
    }

    /// A new identity for a run: `run-` and 128 random bits in base 36.
    func makeRunID() -> String {
        let bits = generator.withLock { generator in (generator.next() as UInt64, generator.next() as UInt64) }
        return "run-" + String(bits.0, radix: 36) + String(bits.1, radix: 36)
    }
}
