import StreamDelivery
import Testing

@Suite struct QueryItemsTests {
    @Test func namesAndValuesAreDecoded() {
        let query = QueryItems("a=1&b=x%20y+z&a=%F0%9F%99%82&flag&=v&c=1=2")
        #expect(query["a"] == "1")
        #expect(query.values(of: "a") == ["1", "🙂"])
        #expect(query["b"] == "x y z")
        #expect(query["flag"] == "")
        #expect(query[""] == "v")
        #expect(query["c"] == "1=2")
        #expect(query["d"] == nil)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%FF", "%C3=1"])
    func whatIsNotEncodedWellIsLeftOut(query: String) {
        #expect(QueryItems(query).items.isEmpty)
        #expect(QueryItems(query + "&b=1")["b"] == "1")
    }

    @Test func aFloodOfParametersIsCut() {
        let query = QueryItems(String(repeating: "a=1&", count: 100_000))
        #expect(query.items.count == QueryItems.maxCount)
    }

    @Test func noQueryHasNoParameters() {
        #expect(QueryItems(nil).items.isEmpty)
        #expect(QueryItems("").items.isEmpty)
    }
}
