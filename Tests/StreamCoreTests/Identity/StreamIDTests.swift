import StreamCore
import Testing

@Suite struct StreamIDTests {
    @Test(arguments: [
        "a", "projects/7/agents", "A.b-c_d~e:f@g+h=i", ".hidden", "...", String(repeating: "x", count: 120),
    ])
    func namesAndTheirFilesAreOne(_ name: String) throws {
        let id = try StreamID(name)
        #expect(id.description == name)
        #expect(StreamID(fileName: id.fileName) == id)
        #expect(id.fileName.utf8.count <= 240)
        #expect(!id.fileName.contains("/") && !id.fileName.hasPrefix("."))
    }

    @Test func caseSurvivesFileSystemsThatIgnoreIt() {
        #expect(StreamID("Ab").fileName.lowercased() != StreamID("ab").fileName.lowercased())
        #expect(StreamID("a/B").fileName == "a!-!b")
    }

    @Test(arguments: [
        ("", StreamIDError.Code.empty, 0), ("a b", .invalidCharacter, 1), ("a\n", .invalidCharacter, 1),
        ("é", .invalidCharacter, 0), ("a//b", .invalidSegment, 2), ("/a", .invalidSegment, 0),
        ("a/", .invalidSegment, 2),
        ("a/../b", .invalidSegment, 2), (".", .invalidSegment, 0), (String(repeating: "x", count: 121), .tooLong, 120),
    ])
    func otherNamesAreRefusedWithTheirPlace(_ name: String, _ code: StreamIDError.Code, _ position: Int) {
        let error = #expect(throws: StreamIDError.self) { try StreamID(name) }
        #expect(error?.code == code)
        #expect(error?.position == position)
    }

    @Test(arguments: ["!", "a!", "!A", "!1", "A", "a/b", "!_a!", "a!_"])
    func otherFileNamesAreNoStreams(_ name: String) {
        #expect(StreamID(fileName: name) == nil)
    }
}
