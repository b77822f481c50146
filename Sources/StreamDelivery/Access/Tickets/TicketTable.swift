/// The tickets that are out: a value that is told what time it is.
struct TicketTable: Sendable {
    private struct Entry: Sendable {
        var secret: [UInt8]
        var principal: DeliveryPrincipal
        var end: Duration
    }

    private var entries: [UInt64: Entry] = [:]
    private var byPrincipal: [String: [UInt64]] = [:]
    private let maxCount: Int
    private let maxPerPrincipal: Int

    init(maxCount: Int, maxPerPrincipal: Int) {
        self.maxCount = max(1, maxCount)
        self.maxPerPrincipal = max(1, maxPerPrincipal)
    }

    var count: Int { entries.count }

    /// Notes a ticket; false when there are too many.
    mutating func add(_ ticket: Ticket, for principal: DeliveryPrincipal, until end: Duration, now: Duration) -> Bool {
        if let own = byPrincipal[principal.id], own.count >= maxPerPrincipal { remove(own[0]) }
        if entries.count >= maxCount { removeExpired(now) }
        guard entries.count < maxCount, entries[ticket.id] == nil else { return false }
        entries[ticket.id] = Entry(secret: ticket.secret, principal: principal, end: end)
        byPrincipal[principal.id, default: []].append(ticket.id)
        return true
    }

    /// Takes a ticket that is good.
    ///
    /// One whose id is right and whose secret is wrong stays: nobody can spend another's by guessing.
    mutating func take(_ ticket: Ticket, now: Duration) -> DeliveryPrincipal? {
        guard let entry = entries[ticket.id], ConstantTime.isEqual(ticket.secret, entry.secret) else { return nil }
        remove(ticket.id)
        return entry.end > now ? entry.principal : nil
    }

    mutating func revoke(_ principal: String, _ credential: String?) {
        for id in byPrincipal[principal] ?? [] {
            if credential == nil || entries[id]?.principal.credentialID == credential { remove(id) }
        }
    }

    private mutating func removeExpired(_ now: Duration) {
        for (id, entry) in entries where entry.end <= now { remove(id) }
    }

    private mutating func remove(_ id: UInt64) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        byPrincipal[entry.principal.id]?.removeAll { $0 == id }
        if byPrincipal[entry.principal.id]?.isEmpty == true { byPrincipal[entry.principal.id] = nil }
    }
}

/// A ticket: a number to find it by, and 192 secret bits, which are compared in constant time.
struct Ticket: Sendable {
    let id: UInt64
    let secret: [UInt8]

    static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    init(using random: inout some RandomNumberGenerator) {
        id = random.next()
        secret = (0..<24).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// 11 digits of the number, 32 of the secret: base 64 for URLs (RFC 4648 §5).
    var text: String {
        var characters = (0..<11).map { Ticket.digits[Int(id >> UInt64($0 * 6) & 63)] }
        for start in stride(from: 0, to: secret.count, by: 3) {
            let bits = Int(secret[start]) << 16 | Int(secret[start + 1]) << 8 | Int(secret[start + 2])
            for shift in [18, 12, 6, 0] { characters.append(Ticket.digits[bits >> shift & 63]) }
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The ticket that a text is; nil where it is none.
    init?(_ text: String) {
        guard text.utf8.count == 43 else { return nil }
        let values = text.utf8.map { byte in Ticket.digits.firstIndex(of: byte) }
        guard values.allSatisfy({ $0 != nil }), (values[10] ?? 0) < 16 else { return nil }
        let digits = values.compactMap { $0 }
        id = digits[..<11].enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64($1.offset * 6) }
        secret = stride(from: 11, to: 43, by: 4).flatMap { start in
            let bits = digits[start..<start + 4].reduce(0) { $0 << 6 | $1 }
            return [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
        }
    }
}
