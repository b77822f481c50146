public import StreamCore

/// What an HTTP request calls: one procedure, or with `batch=1` several (trpc/trpc, `http/contentType.ts`; `links/internals/httpUtils.ts` of the client).
///
/// A call is `GET {base}/{path}?input=…`, for mutations `POST {base}/{path}` with the input as the body. A batch has its paths separated by commas, and
/// its inputs in one object, by the numbers of the calls: `GET {base}/{path},{path}?batch=1&input={"0":…,"1":…}`.
public struct TRPCCalls: Sendable, Hashable {
    /// One of the calls.
    public struct Call: Sendable, Hashable {
        /// The procedure's path.
        public var path: String
        /// What it is called with; nil when there is nothing.
        public var input: JSONValue?

        /// A call from its parts.
        public init(path: String, input: JSONValue? = nil) {
            self.path = path
            self.input = input
        }
    }

    /// Whether they are a batch, whose answer is an array.
    public var isBatch: Bool
    /// The calls, at least one.
    public var calls: [Call]
    /// Why the inputs cannot be read, where they cannot: then each call fails with it.
    public var inputError: TRPCError?

    /// Calls from their parts.
    public init(_ calls: [Call], isBatch: Bool) {
        self.calls = calls
        self.isBatch = isBatch
    }

    /// The calls of a request.
    ///
    /// - Parameters:
    ///   - path: What follows the base path and its `/`, decoded.
    ///   - isBatch: Whether the query has `batch=1`.
    ///   - input: The query parameter `input`, decoded, or the body of a `POST`; nil or empty for none.
    ///   - limits: What is accepted.
    /// - Throws: ``TRPCError`` with `BAD_REQUEST` for too many calls, or a path that is too long.
    public init(
        path: String, isBatch: Bool, input: String?, limits: TRPCLimits = .default
    ) throws(TRPCError) {
        let longest = isBatch ? limits.batch * (limits.pathLength + 1) : limits.pathLength
        guard path.utf8.count <= longest else {
            throw TRPCError(.badRequest, "a path may have \(limits.pathLength) bytes")
        }
        let paths = isBatch ? path.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [path]
        guard paths.count <= limits.batch else { throw TRPCError(.badRequest, "Batch call exceeds maximum size") }
        var calls: [Call] = []
        for path in paths { calls.append(Call(path: try limits.path(path))) }
        self.init(calls, isBatch: isBatch)
        guard let input, !input.isEmpty else { return }
        do throws(TRPCError) {
            try read(try limits.json(input))
        } catch {
            // tRPC's server calls whatever is wrong with an input a bad request.
            inputError = error.code == .parseError ? TRPCError(.badRequest, error.message) : error
        }
    }

    private mutating func read(_ value: JSONValue) throws(TRPCError) {
        guard isBatch else {
            calls[0].input = value
            return
        }
        // An array is an object too, to JavaScript.
        guard value.objectValue != nil || value.arrayValue != nil else {
            throw TRPCError(.badRequest, "\"input\" needs to be an object when doing a batch call")
        }
        for number in calls.indices { calls[number].input = value[String(number)] ?? value[number] }
    }

    /// What follows the base path and its `/`, encoded.
    public var encodedPath: String {
        calls.map { PercentEncoding.encode($0.path) }.joined(separator: ",")
    }

    /// The inputs as they are sent, as a body or as the query parameter `input`; nil when there are none.
    public var inputText: String? {
        guard isBatch else { return calls.first?.input?.jsonString }
        var inputs = JSONObject()
        for (number, call) in calls.enumerated() {
            if let input = call.input { inputs[String(number)] = input }
        }
        return inputs.jsonString
    }
}
