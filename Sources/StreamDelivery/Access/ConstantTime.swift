/// Comparing secrets in a time that does not tell how much of them is right.
public enum ConstantTime {
    /// Whether both have the same bytes; the time depends on the length of `guess` alone.
    public static func isEqual(_ guess: String, _ secret: String) -> Bool {
        isEqual(Array(guess.utf8), Array(secret.utf8))
    }

    /// Whether both have the same bytes; the time depends on the length of `guess` alone.
    public static func isEqual(_ guess: [UInt8], _ secret: [UInt8]) -> Bool {
        var difference = guess.count ^ secret.count
        for index in guess.indices {
            // Any byte of the secret will do where it is shorter: the lengths differ then.
            let other = secret.isEmpty ? 0 : secret[index % secret.count]
            difference |= Int(guess[index] ^ other)
        }
        return difference == 0
    }
}
