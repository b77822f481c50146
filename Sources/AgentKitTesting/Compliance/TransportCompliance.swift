public import StreamTransport

/// Checks that an `HTTPTransport` keeps the promises of its protocol, against a loopback server.
///
/// A transport's test suite needs one line:
///
///     try await TransportCompliance.run(on: MyTransport())
///
/// or, with a test for each check in a framework that has parameters:
///
///     @Test(arguments: TransportCompliance.checks)
///     func complies(check: TransportCompliance.Check) async throws { try await check.run(on: transport) }
///
/// Over TLS they run with a certificate, whose authority the transport must have been told to trust:
///
///     let tls = try LoopbackTLS()
///     try await TransportCompliance.run(on: MyTransport(trusting: tls.authority), over: tls)
///
/// The checks measure real time and what the process holds (memory, sockets, threads), so run them one after the other. No test framework
/// is imported: a violation is an error that is thrown.
public enum TransportCompliance {
    /// What a transport promises beyond what all do.
    public struct Expectations: Sendable {
        /// What happens when the reader is slower than the server.
        public struct SlowReader: Sendable {
            let failsBeyondBuffer: Bool
            let memory: Int

            /// The server is held back, and no more than `memory` bytes are held meanwhile: 64 MiB by default.
            public static func backpressure(memory: Int = 64 << 20) -> SlowReader {
                SlowReader(failsBeyondBuffer: false, memory: memory)
            }

            /// The reader gets what was buffered and then `bufferLimitExceeded`, and no more than `memory` bytes are held meanwhile:
            /// 128 MiB by default.
            public static func bufferLimit(memory: Int = 128 << 20) -> SlowReader {
                SlowReader(failsBeyondBuffer: true, memory: memory)
            }
        }

        /// What happens when the reader is slower than the server: backpressure by default.
        public var slowReader: SlowReader
        /// Whether the transport can tell connecting from waiting for the head: true by default; else the first-byte timeout
        /// serves for both.
        public var tellsConnecting: Bool
        /// Whether a connection that ends within the head is survived: true by default.
        ///
        /// FoundationNetworking up to Swift 6.3 ends the process.
        public var survivesCutHead: Bool
        /// Whether, over TLS, a body that the connection's end ends is told from one that was cut (by the lack of a close_notify, RFC 8446
        /// §6.1): true by default.
        public var noticesCuts: Bool
        /// How many redirects the transport follows at most, at least 5: 30 by default, which is the most that passes.
        public var maxRedirects: Int
        /// After what time something that does not end counts as hanging: 30 seconds by default.
        public var patience: Duration

        /// Expectations from their parts.
        public init(
            slowReader: SlowReader = .backpressure(), tellsConnecting: Bool = true, survivesCutHead: Bool = true,
            noticesCuts: Bool = true, maxRedirects: Int = 30, patience: Duration = .seconds(30)
        ) {
            self.slowReader = slowReader
            self.tellsConnecting = tellsConnecting
            self.survivesCutHead = survivesCutHead
            self.noticesCuts = noticesCuts
            self.maxRedirects = max(5, maxRedirects)
            self.patience = patience
        }
    }

    /// One promise, and how it is checked.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is promised, in a few words; unique.
        public let name: String
        let body: @Sendable (ComplianceRun) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (ComplianceRun) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var description: String { name }

        /// Checks a transport, which may be used by other checks before and after.
        ///
        /// - Parameters:
        ///   - transport: The transport.
        ///   - expectations: What it promises beyond what all do.
        ///   - tls: The certificate of the servers, whose authority the transport trusts; without one they speak plain HTTP.
        /// - Throws: ``ComplianceViolation`` when the promise is not kept, and an error when the loopback server cannot run.
        public func run(
            on transport: any HTTPTransport, expecting expectations: Expectations = Expectations(),
            over tls: LoopbackTLS? = nil
        ) async throws {
            try await body(ComplianceRun(check: name, transport: transport, expectations: expectations, tls: tls))
        }
    }

    /// All checks that can be run with and without TLS.
    public static let checks: [Check] =
        bodyChecks + requestChecks + redirectChecks + timeoutChecks + failureChecks + cancellationChecks

    /// Runs all checks, one after the other; over TLS also those of ``tlsChecks``.
    ///
    /// - Parameters:
    ///   - transport: The transport.
    ///   - expectations: What it promises beyond what all do.
    ///   - tls: The certificate of the servers, whose authority the transport trusts; without one they speak plain HTTP.
    /// - Throws: ``ComplianceReport`` with every violation that was found, and an error when the loopback server cannot run.
    public static func run(
        on transport: any HTTPTransport, expecting expectations: Expectations = Expectations(),
        over tls: LoopbackTLS? = nil
    ) async throws {
        try await ComplianceReport.gather(tls == nil ? checks : checks + tlsChecks) {
            try await $0.run(on: transport, expecting: expectations, over: tls)
        }
    }
}
