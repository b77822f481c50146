import Foundation
import ServerSentEvents
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

/// Exchanges of the real tRPC 11 client and server, in `../shared/data/wire-transcripts` beside the checkout of those who develop this package.
private enum Recorded {
    static func text(_ name: String) -> String? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        for base in [root, root.appending(path: "../..")] {
            let file = base.appending(path: "../shared/data/wire-transcripts/\(name)").standardized
            if let data = try? Data(contentsOf: file) { return String(decoding: data, as: UTF8.self) }
        }
        return nil
    }

    /// The frames of one connection.
    struct Connection: CustomTestStringConvertible {
        var target = "/trpc"
        var frames: [(isSent: Bool, text: String)] = []
        var testDescription: String { frames.first?.text ?? target }
    }

    /// The connections of the recording: arrays of `[ '->', '…' ]`, as Node prints them.
    static let connections: [Connection] = {
        guard let text = text("trpc-ws-frames.txt") else { return [] }
        var connections: [Connection] = []
        let words = text.split(separator: "'", omittingEmptySubsequences: false)
        var place = 1
        while place + 2 < words.count {
            let (mark, value) = (words[place], String(words[place + 2]))
            if mark == "url" {
                let query = value.firstIndex(of: "?").map { String(value[$0...]) } ?? ""
                connections.append(Connection(target: "/trpc" + query))
            } else {
                connections[connections.count - 1].frames.append((mark == "->", value))
            }
            place += 4
        }
        return connections
    }()

    /// The body of a recorded response.
    static func body(_ name: String) -> String? {
        guard let text = text(name), let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        return String(text[end.upperBound...])
    }
}

@Suite("tRPC: recorded exchanges", .enabled(if: !Recorded.connections.isEmpty, "no ../shared/data/wire-transcripts"))
struct RecordedExchangeTests {
    @Test(
        "What the client sends is answered as the real server answers, in the order of each id",
        arguments: Recorded.connections)
    fileprivate func socket(connection: Recorded.Connection) async throws {
        let expected = try connection.frames.filter { !$0.isSent }.map { try JSONValue(parsing: $0.text) }
        try await withService { service in
            let pump = try await service.conversation(connection.target)
            for frame in connection.frames where frame.isSent && !frame.text.contains("subscription.stop") {
                for message in try read(frame.text) { #expect(message.text.utf8.count > 0) }
                pump.conversation.receive(frame.text)
            }
            // Of the cut connections only what was sent was recorded.
            guard !expected.isEmpty else { return }
            var answers: [JSONValue] = []
            while answers.count < expected.count {
                answers.append(try JSONValue(parsing: try #require(await pump.message())))
            }
            for id in Set(expected.map { $0["id"] ?? .null }) {
                #expect(answers.filter { $0["id"] == id } == expected.filter { $0["id"] == id })
            }
            // What is left of the recording are stops behind the end, which are passed over.
            for frame in connection.frames where frame.text.contains("subscription.stop") {
                pump.conversation.receive(frame.text)
            }
            #expect(pump.availableMessages() == [])
        }
    }

    private func read(_ text: String) throws -> [TRPCClientMessage] {
        text.contains("connectionParams") ? [] : try TRPCClientMessage.parse(text)
    }

    @Test(
        "Each frame of the server is read, and written as it was, members in any order", arguments: Recorded.connections
    )
    fileprivate func frames(connection: Recorded.Connection) throws {
        for frame in connection.frames where !frame.isSent {
            let message = try #require(try TRPCServerMessage.parse(frame.text).first)
            #expect(try JSONValue(parsing: message.text) == JSONValue(parsing: frame.text))
        }
    }

    @Test(
        "The event streams are those of the real server",
        arguments: [
            ("trpc-sse-tracked.http", "/trpc/count?input=%7B%22n%22%3A2%7D"), ("trpc-sse-error.http", "/trpc/fail"),
        ])
    func eventStream(name: String, target: String) async throws {
        let body = try #require(Recorded.body(name))
        let options = TRPCService.Options(reconnectAfterInactivity: .seconds(2))
        let answer = await withService(options: options) { service -> String in
            let response = await service.respond(to: DeliveryRequest(target: target))
            guard case .stream(let source) = response.body else { return "" }
            return await Pump(source).rest()
        }
        #expect(try events(answer) == events(body))
    }

    private func events(_ text: String) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try parser.parse(Array(text.utf8), into: &events)
        for event in events { #expect(try TRPCStreamEvent(event) != nil) }
        return events
    }

    @Test("The answer to an unknown path is that of the real server")
    func unknown() async throws {
        let body = try #require(Recorded.body("trpc-http-404.http"))
        await withService { service in
            let response = await service.respond(to: DeliveryRequest(path: "/trpc/nosuch"))
            #expect(response.status == 404)
            guard case .bytes(let bytes) = response.body else { return }
            #expect(String(decoding: bytes, as: UTF8.self) == body)
        }
    }
}
