import DurableLog
import Hummingbird
import NIOCore
import ProgressTracking
import StreamCore

/// Begins pages, lists them, and tells how far they are to those who do not stream.
struct Projects: Sendable {
    let writer: PageWriter

    /// The most bytes that a brief may have.
    static let maxBriefBytes = 2000
    /// How many pages are listed.
    private static let listed = 12
    /// The most pages that may be under way.
    private static let maxOpenPages = 64

    func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        let group = router.group("api/projects")
        group.post { request, _ in try await begin(request) }
        group.get { _, _ in try await list() }
        group.get("{id}") { _, context in try await progress(of: context.parameters.require("id")) }
    }

    private func begin(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 4 * Projects.maxBriefBytes)
        guard let value = try? JSONValue(parsing: Array(body.readableBytesView)),
            let brief = value["brief"]?.stringValue?.trimmed, !brief.isEmpty
        else { throw HTTPError(.badRequest, message: "a JSON object with a `brief` is expected") }
        guard brief.utf8.count <= Projects.maxBriefBytes else {
            throw HTTPError(.contentTooLarge, message: "a brief may have \(Projects.maxBriefBytes) bytes")
        }
        guard writer.openPageCount < Projects.maxOpenPages else {
            throw HTTPError(.tooManyRequests, message: "too many pages are being written; try again soon")
        }
        let project = try await writer.begin(brief: brief)
        return Response(json: ["projectId": .string(project.description)], status: .created)
    }

    private func list() async throws -> Response {
        var pages: [JSONValue] = []
        for project in try await writer.pages().suffix(Projects.listed).reversed() {
            guard let plan = try await writer.plan(of: project) else { continue }
            let isDone = try await writer.log.info(project).isClosed
            pages.append(
                ["projectId": .string(project.description), "brief": .string(plan.brief), "done": .bool(isDone)])
        }
        return Response(json: ["projects": .array(pages)])
    }

    private func progress(of id: String) async throws -> Response {
        guard let project = try? StreamID(id), (try? await writer.log.info(project)) != nil else {
            throw HTTPError(.notFound, message: "there is no such page")
        }
        let store = MemoryProgressStore()
        try await store.catchUp(project, from: writer.log)
        return Response(jsonText: try await store.project(project).jsonString)
    }
}

extension Response {
    init(json: JSONValue, status: HTTPResponse.Status = .ok) {
        self.init(jsonText: json.jsonString, status: status)
    }

    init(jsonText: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: jsonText)))
    }
}

extension String {
    fileprivate var trimmed: String {
        let trimmed = drop { $0.isWhitespace }
        guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(trimmed[...last])
    }
}
