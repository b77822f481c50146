import Testing
import WireProtocols

@Suite("URLs")
struct AbsoluteURLTests {
    @Test("A URL in parts")
    func parts() throws {
        let url = try #require(AbsoluteURL("HTTPS://u:p@Example.TEST:8443/a/b%20c?d=e?f#g"))
        #expect(url.scheme == "https")
        #expect(url.userInfo == "u:p")
        #expect(url.host == "example.test")
        #expect(url.port == 8443)
        #expect(url.path == "/a/b%20c")
        #expect(url.query == "d=e?f")
        #expect(url.text == "https://u:p@example.test:8443/a/b%20c?d=e?f")
    }

    @Test(
        "Ports and hosts",
        arguments: [
            ("http://a.test", "a.test", 80), ("https://a.test", "a.test", 443), ("wss://a.test?x", "a.test", 443),
            ("http://[::1]:8080/", "[::1]", 8080), ("http://[FE80::1]/", "[fe80::1]", 80),
            ("http://a.test:/", "a.test", 80),
            ("http://a@b@c:1/", "c", 1),
        ])
    func ports(text: String, host: String, port: Int) throws {
        let url = try #require(AbsoluteURL(text))
        #expect(url.host == host)
        #expect(url.effectivePort == port)
    }

    @Test(
        "What is no URL of a host",
        arguments: [
            "", "a", "/a", "//a.test/", "http:", "http:/a", "http:a.test", "http://", "http:///a", "http://:80/",
            "http://u@/",
            "http://a.test:65536/", "http://a.test:-1/", "http://a.test:8x/", "http://a b/", "http://a/b c",
            "http://a/ü",
            "http://a/\"", "http://a/\u{0}", "http://[::1", "http://[]/", "http://[::1]x/", "1http://a/", "mailto:a@b",
            "ht_tp://a",
        ])
    func noURLs(text: String) {
        #expect(AbsoluteURL(text) == nil)
    }

    /// RFC 3986 §5.4.1 and §5.4.2, without the fragments.
    @Test(
        "References are resolved as in RFC 3986",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            (";x", "http://a/b/c/;x"), ("g;x?y#s", "http://a/b/c/g;x?y"), ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../", "http://a/b/"), ("../g", "http://a/b/g"),
            ("../..", "http://a/"), ("../../g", "http://a/g"), ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."), ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"), ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"), ("https://h:1/x/../y", "https://h:1/y"),
            ("a b", "http://a/b/c/a%20b"),
            ("//u@h/", "http://u@h/"), ("/b//../c", "http://a/b/c"),
        ])
    func references(reference: String, expected: String) throws {
        let base = try #require(AbsoluteURL("http://a/b/c/d;p?q"))
        #expect(base.resolving(reference)?.text == expected)
    }

    @Test("References that lead to no host", arguments: ["http:g", "http://", "mailto:a", "//:1/", "file:///etc"])
    func noReferences(reference: String) throws {
        let base = try #require(AbsoluteURL("http://a/b"))
        #expect(base.resolving(reference) == nil)
    }

    @Test("A base without a path")
    func bare() throws {
        let base = try #require(AbsoluteURL("http://a?q"))
        #expect(base.resolving("g")?.text == "http://a/g")
        #expect(base.resolving("../g")?.text == "http://a/g")
        #expect(base.resolving("?r")?.text == "http://a?r")
    }

    @Test(
        "Origins",
        arguments: [
            ("http://a/x", "http://A:80/y", true), ("https://a", "https://a:443", true),
            ("http://a", "https://a", false),
            ("http://a", "http://b", false), ("http://a:81", "http://a", false),
        ])
    func origins(one: String, other: String, same: Bool) throws {
        #expect(try #require(AbsoluteURL(one)).isSameOrigin(as: try #require(AbsoluteURL(other))) == same)
    }
}
