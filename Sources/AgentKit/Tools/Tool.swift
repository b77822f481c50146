public import StreamCore

/// Something that a model may have done: a name and a description for the model, and the code that does it.
///
///     let weather = Tool(
///         "weather", description: "The weather in a city, now.",
///         inputSchema: ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]]
///     ) { (input: City, context: ToolContext) in try await forecast(for: input.city) }
///
/// The closure runs in a task of its own, beside other calls of the same response; the task is cancelled with the run.
/// What it returns is what the model reads: a `String` as it is, a ``/StreamCore/JSONValue`` or any `Encodable` as JSON.
/// It throws a ``ToolError`` to tell the model what went wrong.
public struct Tool: Sendable {
    /// What the model knows of the tool.
    public var definition: ToolDefinition
    /// How long a call may take before it is cancelled and answered with an error, on the agent's clock; nil for any time.
    ///
    /// A tool that does not heed its task's cancellation is waited for none the less.
    public var timeout: Duration?
    /// Whether a call that is executed twice under the same ``ToolContext/idempotencyKey`` does no harm: it only reads, or it heeds
    /// the key.
    ///
    /// A run that is taken over executes such a call again when it had begun and its result was lost; of another tool's the
    /// model is told that nobody knows what came of it, unless the host allows it (``RunStore/approvesRerun``).
    public var isIdempotent = false

    private let body: @Sendable (JSONValue, ToolContext) async throws -> JSONValue

    /// A tool with typed input and output.
    ///
    /// - Parameters:
    ///   - name: The name by which the model calls it: letters, digits, `_` and `-`, at most 64.
    ///   - description: What it does and when to use it, for the model.
    ///   - inputSchema: The JSON Schema of `Input`, an object's; the model follows it, `Input`'s decoding enforces it.
    ///   - timeout: How long a call may take, on the agent's clock; nil for any time.
    ///   - call: Does the work.
    public init<Input: Decodable & SendableMetatype, Output: Encodable & SendableMetatype>(
        _ name: String, description: String, inputSchema: JSONValue, timeout: Duration? = nil,
        call: @escaping @Sendable (_ input: Input, _ context: ToolContext) async throws -> Output
    ) {
        definition = ToolDefinition(name: name, description: description, inputSchema: inputSchema)
        self.timeout = timeout
        body = { input, context in
            let typed: Input
            do throws(JSONCoding.Mismatch) {
                typed = try JSONCoding.decode(Input.self, from: input)
            } catch {
                throw InvalidToolInput(path: error.path, reason: error.reason)
            }
            return try JSONCoding.encode(try await call(typed, context))
        }
    }

    /// The name by which the model calls it.
    public var name: String { definition.name }

    /// Does the work for an input as the model wrote it.
    ///
    /// - Throws: ``InvalidToolInput`` when the input does not fit the tool's type, else what the tool throws.
    public func callAsFunction(_ input: JSONValue, context: ToolContext) async throws -> JSONValue {
        try await body(input, context)
    }
}
