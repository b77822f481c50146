import AgentKitTesting
import DurableLog
import Testing

@Suite struct FaultInjectingFileSystemTests {
    private func write(_ text: String, to file: Int32, at position: Int, of system: FaultInjectingFileSystem) throws {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBytes { _ = try system.write($0, to: file, at: position) }
    }

    /// As on Linux: a sync that failed has taken its pages for written, and the next one does not look for them.
    @Test func whatAFailedSyncLeftIsNotWrittenByTheNext() throws {
        let system = FaultInjectingFileSystem()
        let file = try system.open("/a", .create)
        try system.syncDirectory("/")
        try write("kept", to: file, at: 0, of: system)
        try system.sync(file)
        try write("lost", to: file, at: 0, of: system)
        system.fail(FileFailure(.sync, .inputOutput))
        #expect(throws: FileError.self) { try system.sync(file) }
        try write("more", to: file, at: 600, of: system)
        try system.sync(file)
        #expect(system.contents(of: "/a")?.prefix(4) == Array("lost".utf8)[...])
        for seed in 0..<8 as Range<UInt64> {
            let bytes = try #require(system.withoutPower(seed: seed).contents(of: "/a"))
            #expect(bytes.prefix(4) == Array("kept".utf8)[...])
            #expect(bytes.suffix(4) == Array("more".utf8)[...])
        }
        // Written once more, it is.
        try write("lost", to: file, at: 0, of: system)
        try system.sync(file)
        #expect(system.withoutPower(seed: 1).contents(of: "/a")?.prefix(4) == Array("lost".utf8)[...])
    }

    @Test func whatWasCutDoesNotComeBack() throws {
        let system = FaultInjectingFileSystem()
        let file = try system.open("/a", .create)
        try system.syncDirectory("/")
        try write(String(repeating: "x", count: 2000), to: file, at: 0, of: system)
        try system.sync(file)
        try system.truncate(file, to: 100)
        try system.truncate(file, to: 2000)
        try system.sync(file)
        let bytes = try #require(system.withoutPower(seed: 1).contents(of: "/a"))
        #expect(bytes.count == 2000 && bytes.dropFirst(100).allSatisfy { $0 == 0 })
    }

    @Test func aMachineThatEndsChangesNothingMore() throws {
        let system = FaultInjectingFileSystem()
        let file = try system.open("/a", .create)
        system.stop(afterCalls: 1)
        try write("one", to: file, at: 0, of: system)
        #expect(system.hasStopped)
        #expect(throws: FileError.self) { try write("two", to: file, at: 3, of: system) }
        #expect(system.crashed().contents(of: "/a") == Array("one".utf8))
    }
}
