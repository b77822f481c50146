/// Who a reader is, as the host's authentication says.
public struct DeliveryPrincipal: Sendable, Hashable, CustomStringConvertible {
    /// Who it is, a user's id say; what limits per principal and revocations go by.
    ///
    /// Empty for somebody unknown, whom limits per principal do not count.
    public var id: String
    /// Which of the principal's credentials it came with: the id of a session or of a token, never the secret itself.
    ///
    /// Empty when they are not told apart.
    public var credentialID: String

    /// A principal from its parts.
    public init(id: String, credentialID: String = "") {
        self.id = id
        self.credentialID = credentialID
    }

    /// Somebody who showed no credential, where none is needed.
    public static let anonymous = DeliveryPrincipal(id: "")

    /// The principal's id.
    public var description: String { id.isEmpty ? "anonymous" : id }
}
