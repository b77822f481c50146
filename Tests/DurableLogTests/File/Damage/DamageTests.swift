import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// A log's files, each cut at every byte and with every bit of them flipped: what opens is what was acknowledged, or its beginning with an error that names the place.
@Suite struct DamageTests {
    @Test(arguments: Specimen.cases)
    func everyFileCutAtEveryByte(_ name: Specimen.Name) async throws {
        let specimen = try await Specimen(name)
        for path in specimen.paths {
            let bytes = specimen.system.contents(of: path) ?? []
            for size in specimen.cuts(of: path, every: Density.cuts) {
                try await specimen.examine(
                    path, bytes: Array(bytes[..<size]), damage: size..<bytes.count, "cut to \(size) bytes")
            }
        }
    }

    @Test(arguments: Specimen.cases)
    func everyBitFlipped(_ name: Specimen.Name) async throws {
        let specimen = try await Specimen(name)
        for path in specimen.paths {
            var bytes = specimen.system.contents(of: path) ?? []
            for bit in specimen.bits(of: path, every: Density.bits) {
                let byte = bit / 8
                bytes[byte] ^= 1 << UInt8(bit % 8)
                try await specimen.examine(
                    path, bytes: bytes, damage: byte..<byte + 1, "bit \(bit % 8) of byte \(byte)")
                bytes[byte] ^= 1 << UInt8(bit % 8)
            }
        }
    }

    @Test(arguments: Specimen.cases)
    func everyFileGone(_ name: Specimen.Name) async throws {
        let specimen = try await Specimen(name)
        for path in specimen.paths where !path.hasSuffix("/lock") {
            let size = specimen.system.contents(of: path)?.count ?? 0
            try await specimen.examine(path, bytes: [], damage: 0..<size, "emptied")
        }
    }
}
