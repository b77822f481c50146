import DurableLog
import StreamCore
import StreamDelivery
import Synchronization
import Testing
import WireProtocols

@Suite struct TicketTests {
    private let ann = DeliveryPrincipal(id: "ann", credentialID: "1")

    @Test func aTicketIsGoodOnce() throws {
        let office = TicketOffice()
        let ticket = try office.issue(to: ann)
        #expect(ticket.utf8.count == 43)
        #expect(ticket.utf8.allSatisfy { ("a"..."z").contains(Character(UnicodeScalar($0))) || $0 < 0x7B })
        #expect(office.redeem(ticket) == ann)
        #expect(office.redeem(ticket) == nil)
        #expect(office.count == 0)
    }

    @Test func aTicketExpires() throws {
        let time = Mutex(Duration.zero)
        let office = TicketOffice(lifetime: .seconds(30), now: { time.withLock { $0 } })
        let (one, other) = (try office.issue(to: ann), try office.issue(to: ann))
        time.withLock { $0 = .milliseconds(29_999) }
        #expect(office.redeem(one) == ann)
        time.withLock { $0 = .seconds(30) }
        #expect(office.redeem(other) == nil)
    }

    @Test func aGuessSpendsNobodysTicket() throws {
        let office = TicketOffice()
        let ticket = try office.issue(to: ann)
        var characters = Array(ticket)
        characters[42] = characters[42] == "A" ? "B" : "A"
        for guess in [
            String(characters), "", "x", String(ticket.dropLast()), ticket + "A", String(repeating: "é", count: 43),
        ] {
            #expect(office.redeem(guess) == nil)
        }
        #expect(office.redeem(ticket) == ann)
    }

    @Test func ticketsAreBoundedPerPrincipalAndInAll() throws {
        let time = Mutex(Duration.zero)
        let office = TicketOffice(lifetime: .seconds(1), maxCount: 3, maxPerPrincipal: 2, now: { time.withLock { $0 } })
        let first = try office.issue(to: ann)
        _ = try office.issue(to: ann)
        _ = try office.issue(to: ann)
        #expect(office.redeem(first) == nil)
        _ = try office.issue(to: DeliveryPrincipal(id: "bob"))
        #expect(throws: DeliveryRefusal.self) { try office.issue(to: DeliveryPrincipal(id: "eve")) }
        time.withLock { $0 = .seconds(2) }
        _ = try office.issue(to: DeliveryPrincipal(id: "eve"))
        #expect(office.count == 1)
    }

    @Test func aRevokedCredentialTakesItsTicketsAlong() throws {
        let office = TicketOffice()
        let one = try office.issue(to: ann)
        let other = try office.issue(to: DeliveryPrincipal(id: "ann", credentialID: "2"))
        office.revoke(principal: "ann", credential: "1")
        #expect(office.redeem(one) == nil)
        #expect(office.redeem(other)?.credentialID == "2")
    }

    @Test func anEventSourceComesInWithATicket() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        let access = DeliveryAccess(
            authenticate: { (credentials) throws(DeliveryRefusal) in
                guard let token = credentials.bearerToken, ConstantTime.isEqual(token, "key") else {
                    throw DeliveryRefusal(.unauthenticated, "no")
                }
                return DeliveryPrincipal(id: "ann")
            }, authorise: { principal, _, _ in principal.id == "ann" }, tickets: TicketOffice())
        let tickets = try #require(TicketEndpoint(access: access))
        let events = ServerSentEventsEndpoint(
            hub: DeliveryHub(log: log), address: .path(after: "/e/"), access: access)
        #expect(await tickets.respond(to: DeliveryRequest(method: "POST", target: "/t")).status == 401)
        #expect(await tickets.respond(to: DeliveryRequest(target: "/t")).status == 405)
        let response = await tickets.respond(
            to: DeliveryRequest(method: "POST", target: "/t", headers: ["authorization": "Bearer key"]))
        #expect(response.headers["cache-control"] == "no-store")
        guard case .bytes(let bytes) = response.body else { return }
        let ticket = try #require(try JSONValue(parsing: bytes)["ticket"]?.stringValue)
        #expect(await events.respond(to: DeliveryRequest(target: "/e/s?ticket=\(ticket)")).status == 200)
        #expect(await events.respond(to: DeliveryRequest(target: "/e/s?ticket=\(ticket)")).status == 401)
        // A ticket buys no other ticket.
        let again = DeliveryRequest(method: "POST", target: "/t?ticket=\(ticket)")
        #expect(await tickets.respond(to: again).status == 401)
    }
}
