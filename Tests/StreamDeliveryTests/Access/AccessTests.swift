import StreamCore
import StreamDelivery
import Testing
import WireProtocols

@Suite struct TokenBucketTests {
    @Test func aBucketAllowsABurstAndThenItsRate() {
        let rate = Rate(perSecond: 2, burst: 3)
        var bucket = TokenBucket(rate, now: .zero)
        for _ in 0..<3 {
            #expect(bucket.wait(for: 1, rate, now: .zero) == nil)
            bucket.take(1, rate, now: .zero)
        }
        #expect(bucket.wait(for: 1, rate, now: .zero) == .milliseconds(500))
        #expect(bucket.wait(for: 1, rate, now: .milliseconds(500)) == nil)
        bucket.take(1, rate, now: .milliseconds(500))
        #expect(bucket.wait(for: 3, rate, now: .milliseconds(500)) == .milliseconds(1500))
        // A pause fills it, and no further.
        #expect(bucket.wait(for: 3, rate, now: .seconds(3600)) == nil)
        bucket.take(3, rate, now: .seconds(3600))
        #expect(bucket.wait(for: 1, rate, now: .seconds(3600)) == .milliseconds(500))
    }

    @Test func whatIsLargerThanABurstIsTakenOfAFullBucketAndPaidBack() {
        let rate = Rate(perSecond: 10, burst: 10)
        var bucket = TokenBucket(rate, now: .zero)
        #expect(bucket.wait(for: 50, rate, now: .zero) == nil)
        bucket.take(50, rate, now: .zero)
        #expect(bucket.wait(for: 1, rate, now: .zero) == .seconds(4.1))
    }

    @Test func timeThatRunsBackwardsGivesNothing() {
        let rate = Rate(perSecond: 1, burst: 1)
        var bucket = TokenBucket(rate, now: .seconds(10))
        bucket.take(1, rate, now: .seconds(10))
        #expect(bucket.wait(for: 1, rate, now: .seconds(5)) == .seconds(1))
        #expect(bucket.wait(for: 1, rate, now: .seconds(6)) == nil)
    }

    @Test(arguments: [(0.0, 0.0), (-1, -1), (.nan, .nan), (.infinity, .infinity)])
    func numbersOutOfRangeDoNoHarm(perSecond: Double, burst: Double) {
        let rate = Rate(perSecond: perSecond, burst: burst)
        var bucket = TokenBucket(rate, now: .zero)
        bucket.take(1e300, rate, now: .zero)
        #expect(bucket.wait(for: 1, rate, now: .zero) != nil)
    }

    @Test func aLimiterCountsForBothOrNeither() throws {
        let limits = RateLimits(
            messagesPerPrincipal: Rate(perSecond: 1, burst: 1), messagesPerAddress: Rate(perSecond: 1, burst: 2))
        let limiter = RateLimiter(limits, now: { .zero })
        try limiter.take(.messages, principal: "ann", address: "a")
        #expect(throws: DeliveryRefusal.self) { try limiter.take(.messages, principal: "ann", address: "a") }
        // What was refused was not counted against the address.
        try limiter.take(.messages, principal: "bob", address: "a")
        let refusal = #expect(throws: DeliveryRefusal.self) {
            try limiter.take(.messages, principal: "eve", address: "a")
        }
        #expect(refusal?.retryAfter == .seconds(1))
        try limiter.take(.connections, principal: "ann", address: "a")
    }

    @Test func aLimiterForgetsRatherThanGrow() throws {
        let limits = RateLimits(messagesPerPrincipal: nil, messagesPerAddress: Rate(perSecond: 1, burst: 1))
        let limiter = RateLimiter(limits, maxNames: 10, now: { .zero })
        for number in 0..<10 { try limiter.take(.messages, address: "a\(number)") }
        #expect(throws: DeliveryRefusal.self) { try limiter.take(.messages, address: "a3") }
        try limiter.take(.messages, address: "a10")
        try limiter.take(.messages, address: "a3")
    }
}

@Suite struct CredentialsTests {
    private func credentials(_ headers: HeaderFields) -> DeliveryCredentials {
        DeliveryCredentials(DeliveryRequest(target: "/", headers: headers), connectionParameters: ["token": "secret-3"])
    }

    @Test func credentialsAreFoundWhereverTheyStand() {
        let found = credentials(["authorization": "bearer secret-1", "cookie": "a=1; sid=secret-2; b=c=d"])
        #expect(found.bearerToken == "secret-1")
        #expect(found.cookie("sid") == "secret-2")
        #expect(found.cookie("b") == "c=d")
        #expect(found.cookie("id") == nil)
        #expect(found.connectionParameter("token") == "secret-3")
        var dumped = ""
        dump(found, to: &dumped)
        for text in ["\(found)", String(reflecting: found), dumped] { #expect(!text.contains("secret")) }
    }

    @Test func whatIsAmbiguousIsNoCredential() {
        #expect(credentials(["authorization": "Bearer a", "Authorization": "Bearer b"]).bearerToken == nil)
        #expect(credentials(["cookie": "sid=a; sid=b"]).cookie("sid") == nil)
        for value in ["Basic YTpi", "Bearer", "Bearer ", ""] {
            #expect(credentials(["authorization": value]).bearerToken == nil)
        }
    }

    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("a", "b", false), ("a", "ab", false), ("ab", "a", false), ("", "a", false),
        ("a", "", false), ("aa", "a", false),
    ])
    func secretsAreComparedWhole(guess: String, secret: String, isEqual: Bool) {
        #expect(ConstantTime.isEqual(guess, secret) == isEqual)
    }
}
