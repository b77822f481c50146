import Testing
import WireProtocols

@Suite("Header fields")
struct HeaderFieldsTests {
    @Test("Names are compared without case, order and spelling stay")
    func lookup() throws {
        var fields = try HeaderFields([("Content-Type", "text/plain"), ("x-a", "1"), ("X-A", "2")])
        #expect(fields["content-TYPE"] == "text/plain")
        #expect(fields.values(of: "x-A") == ["1", "2"])
        #expect(fields["missing"] == nil)
        #expect(fields.map(\.name) == ["Content-Type", "x-a", "X-A"])
        try fields.set("X-a", "3")
        #expect(fields.map(\.value) == ["text/plain", "3"])
        try fields.append("y", "4")
        fields.remove("CONTENT-type")
        #expect(fields == ["x-A": "3", "Y": "4"])
        #expect(!fields.contains(name: "content-type"))
        #expect(Set([fields]).contains(["x-A": "3", "Y": "4"]))
    }

    @Test("What could break out of its line is refused", arguments: ["a\r\nb", "a\nb", "a\rb", "a\0b", "\n"])
    func invalidValues(value: String) {
        let error = #expect(throws: HeaderFieldError.self) { try HeaderField("x-name", value) }
        #expect(error?.code == .invalidValue)
        #expect(error?.name == "x-name")
    }

    @Test("A name is a token", arguments: ["a b", "a:b", "a\r", "ä", "a\0", "a/b", "(a)", "\"a\""])
    func invalidNames(name: String) {
        var fields = HeaderFields()
        let error = #expect(throws: HeaderFieldError.self) { try fields.append(name, "v") }
        #expect(error?.code == .invalidName)
        #expect(fields.isEmpty)
        #expect(!(error?.description.contains("\r") ?? true))
    }

    @Test("A name is not empty")
    func emptyName() {
        let error = #expect(throws: HeaderFieldError.self) { try HeaderField("", "v") }
        #expect(error?.code == .emptyName)
    }

    @Test("A refused field changes nothing")
    func atomicSet() {
        var fields: HeaderFields = ["a": "1", "A": "2"]
        #expect(throws: HeaderFieldError.self) { try fields.set("a", "1\n2") }
        #expect(fields.values(of: "a") == ["1", "2"])
    }

    @Test("Spaces and tabs around a value are no part of it, others and Unicode stay")
    func trimming() throws {
        #expect(try HeaderField("a", " \tb c\t ").value == "b c")
        #expect(try HeaderField("a", " \t ").value == "")
        #expect(try HeaderField("last-event-id", "ü✓").value == "ü✓")
    }

    @Test(
        "Credentials are never printed",
        arguments: [
            "Authorization", "x-api-key", "X-API-KEY", "api-key", "x-goog-api-key", "Cookie", "set-cookie",
            "proxy-authorization", "x-auth-token", "x-amz-security-token", "client_secret",
        ])
    func redaction(name: String) throws {
        let fields = try HeaderFields([(name, "sesame"), ("accept", "text/html")])
        var dumped = ""
        dump(fields, to: &dumped)
        for text in ["\(fields)", String(reflecting: fields), dumped, "\([fields[0]])"] {
            #expect(!text.contains("sesame"))
            #expect(text.contains("<redacted>"))
        }
        #expect("\(fields)".contains("accept: text/html"))
    }

    @Test("Other fields are printed", arguments: ["accept", "x-keyboard", "monkey", "content-type", "last-event-id"])
    func notSensitive(name: String) {
        #expect(!HeaderField.isSensitive(name))
    }

    @Test("The media type is lower case and without parameters")
    func mediaType() {
        #expect((["Content-Type": "Text/Event-Stream; charset=UTF-8"] as HeaderFields).mediaType == "text/event-stream")
        #expect((["content-type": " ;x=y"] as HeaderFields).mediaType == nil)
        #expect((["content-type": " text/event- stream"] as HeaderFields).mediaType == "text/event- stream")
        #expect(HeaderFields().mediaType == nil)
    }
}

@Suite("Requests")
struct ExchangeRequestTests {
    @Test(
        "What is printed holds no credential",
        arguments: [
            ("https://u:pw@example.com/a/b?key=sesame#x", "https://…@example.com/a/b?…"),
            ("https://example.com#sesame", "https://example.com#…"),
            ("http://example.com/a@b", "http://example.com/a@b"),
            ("nonsense", "nonsense"), ("", ""), ("u@h", "u@h"),
        ])
    func redactedURL(url: String, expected: String) {
        let request = ExchangeRequest(
            method: "POST", url: url, headers: ["x-api-key": "sesame"], body: Array("sesame".utf8))
        #expect(request.redactedURL == expected)
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!"\(request) \(String(reflecting: request)) \(dumped)".contains("sesame"))
    }

    @Test("Success is 200 to 299", arguments: [(199, false), (200, true), (204, true), (299, true), (300, false)])
    func success(status: Int, expected: Bool) {
        #expect(ExchangeResponseHead(status: status).isSuccess == expected)
    }
}
