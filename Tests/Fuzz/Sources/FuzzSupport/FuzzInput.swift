/// An input of the fuzzer's: what is to be read, and how it is cut.
public struct FuzzInput {
    /// What is to be read.
    public let bytes: [UInt8]
    private let seed: UInt64

    /// Reads the fuzzer's bytes: the first one chooses the cuts, the rest is to be read.
    ///
    /// The fuzzer promises that `size` bytes lie at `start` and stay for the call.
    public init(_ start: UnsafePointer<UInt8>?, _ size: Int) {
        let all = Array(UnsafeBufferPointer(start: start, count: size))
        seed = all.first.map(UInt64.init) ?? 0
        bytes = Array(all.dropFirst())
    }

    /// The bytes cut into pieces of 1 to `longest` bytes.
    public func pieces(longest: Int = 24) -> [[UInt8]] {
        cut(bytes, longest: longest).map(Array.init)
    }

    /// The bytes as text, cut into pieces of 1 to `longest` scalars.
    public func texts(longest: Int = 12) -> [String] {
        cut(Array(String(decoding: bytes, as: UTF8.self).unicodeScalars), longest: longest)
            .map { String(String.UnicodeScalarView($0)) }
    }

    private func cut<Element>(_ elements: [Element], longest: Int) -> [ArraySlice<Element>] {
        // A linear congruential generator (Knuth's MMIX): the same cuts for the same input.
        var state = seed
        var pieces: [ArraySlice<Element>] = []
        var rest = elements[...]
        while !rest.isEmpty {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let length = Int((state >> 33) % UInt64(longest)) + 1
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}

/// Stops the process, which the fuzzer takes for a finding.
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
