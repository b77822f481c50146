/// An amount of money as a whole number of billionths, so that sums are exact in any order.
///
/// Whose money it is (US dollars, say) is the host's to know: all prices of a project are in one currency, and nothing is ever converted.
/// An amount is never negative, and one beyond ``largest`` (9.2 billion) stays there.
public struct Cost: Sendable, Hashable, Comparable {
    /// The amount in billionths of the currency's unit; not negative.
    public let nanos: Int64

    /// An amount from its billionths; a negative one counts as 0.
    public init(nanos: Int64) {
        self.nanos = max(0, nanos)
    }

    /// The amount nearest to a number of units, as people write prices (`0.3`); negative ones and what is no number count as 0.
    public init(_ units: Double) {
        let nanos = (units * 1e9).rounded()
        self.init(nanos: nanos > 0 ? Int64(exactly: nanos) ?? .max : 0)
    }

    /// Nothing.
    public static let zero = Cost(nanos: 0)
    /// The largest amount: 2⁶³ − 1 billionths.
    public static let largest = Cost(nanos: .max)

    /// The amount in units, rounded to the nearest `Double`, for charts.
    public var units: Double { Double(nanos) / 1e9 }

    /// The sum of two amounts.
    public static func + (lhs: Cost, rhs: Cost) -> Cost {
        let (sum, overflow) = lhs.nanos.addingReportingOverflow(rhs.nanos)
        return overflow ? .largest : Cost(nanos: sum)
    }

    /// Adds another amount.
    public static func += (lhs: inout Cost, rhs: Cost) {
        lhs = lhs + rhs
    }

    /// Orders amounts.
    public static func < (lhs: Cost, rhs: Cost) -> Bool { lhs.nanos < rhs.nanos }
}

extension Cost: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// An amount in units, written in source: `0.3`.
    public init(floatLiteral units: Double) {
        self.init(units)
    }

    /// An amount in whole units, written in source: `3`.
    public init(integerLiteral units: Int64) {
        let (nanos, overflow) = units.multipliedReportingOverflow(by: Cost.nanosPerUnit)
        self.init(nanos: overflow ? (units > 0 ? .max : 0) : nanos)
    }
}

extension Cost: LosslessStringConvertible {
    static let nanosPerUnit: Int64 = 1_000_000_000
    private static let places = 9

    /// The amount as an exact decimal number, which is also its JSON form: `12`, `0.3`, `0.000000012`.
    public var description: String {
        let (units, fraction) = nanos.quotientAndRemainder(dividingBy: Cost.nanosPerUnit)
        guard fraction > 0 else { return String(units) }
        let digits = String(fraction)
        var text = "\(units)." + String(repeating: "0", count: Cost.places - digits.count) + digits
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    /// The amount that a decimal number says, digits with at most one point (`0.3`), rounded to the nearest billionth; nil for anything else and for what
    /// is too large.
    public init?(_ text: String) {
        self.init(decimal: text.utf8)
    }

    init?(decimal digits: some Collection<UInt8>) {
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.count == 1 || parts.last?.isEmpty == false else {
            return nil
        }
        var nanos: Int64 = 0
        func take(_ byte: UInt8) -> Bool {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return false }
            let (product, overflow) = nanos.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            nanos = sum
            return !overflow && !carry
        }
        for byte in whole where !take(byte) { return nil }
        var rest = parts.count == 2 ? parts[1] : whole[whole.endIndex...]
        for _ in 0..<Cost.places where !take(rest.popFirst() ?? UInt8(ascii: "0")) { return nil }
        guard rest.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        if let next = rest.first, next >= UInt8(ascii: "5"), nanos < .max { nanos += 1 }
        self.init(nanos: nanos)
    }
}
