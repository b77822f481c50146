import Foundation
import ServerSentEvents
import Testing

/// A case of `../shared/data/sse-cases.json`, which lies beside the checkout of those who develop this package.
struct SharedCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Event: Decodable, Sendable {
        let type: String
        let data: String
        let lastEventId: String
    }

    struct Expectation: Decodable, Sendable {
        let events: [Event]
        let lastEventIdAfter: String?
        let reconnectionTimeMs: Double?
        let undispatchedTail: Bool?
    }

    struct Response: Decodable, Sendable {
        let status: Int
        let contentType: String
    }

    let id: String
    let bodyBase64: String
    let response: Response
    let expect: Expectation

    var testDescription: String { id }

    /// Whether a client reads the body at all; what else there is in the file is about connections.
    var isStream: Bool { response.status == 200 && response.contentType.hasPrefix("text/event-stream") }

    private struct File: Decodable {
        let cases: [SharedCase]
    }

    static let all: [SharedCase] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let file = root.appending(path: "../shared/data/sse-cases.json").standardized
        guard let data = try? Data(contentsOf: file) else { return [] }
        do {
            return try JSONDecoder().decode(File.self, from: data).cases
        } catch {
            fatalError("\(file.path) is not what this test knows: \(error)")
        }
    }()
}

@Suite("Cases of the web platform's tests", .enabled(if: !SharedCase.all.isEmpty, "no ../shared/data/sse-cases.json"))
struct SharedCaseTests {
    @Test("At every split", arguments: SharedCase.all)
    func everywhere(_ item: SharedCase) throws {
        let body = try [UInt8](#require(Data(base64Encoded: item.bodyBase64)))
        var expected = ReferenceParser.parse(body)
        if item.isStream {
            let expectedRetry = item.expect.reconnectionTimeMs.map {
                Duration.milliseconds(Int64(min($0, 9_007_199_254_740_991)))
            }
            #expect(
                expected.events
                    == item.expect.events.map {
                        ServerSentEvent(type: $0.type, data: $0.data, lastEventID: $0.lastEventId)
                    })
            #expect(expected.lastEventID == item.expect.lastEventIdAfter)
            #expect(expected.retry == expectedRetry)
            expected.retry = expectedRetry
        }
        for chunks in everySplit(of: body) {
            #expect(try parse(chunks) == expected)
            #expect(try parseBorrowed(chunks) == expected)
        }
    }
}
